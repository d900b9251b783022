#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { type App, startApp } from './app.js';
import { helpText } from './config/help.js';
import { loadConfig, type ModelConfig } from './config/load-config.js';
import { toServiceError } from './errors.js';
import { createTracing } from './observability/create-tracing.js';
import { createLogger } from './observability/logger.js';
import { TRANSFORMER_OPTIONS } from './transformers/registry.js';

/**
 * How much V8's heap of long-lived objects may grow between two collections, in per cent of what the last one left, some
 * 23 MB. By its own choice, about 50, it collects five times a second when bodies are large, at 30 ms of CPU each time.
 */
const HEAP_GROWING_PERCENT = 200;

const argv = process.argv.slice(2);
if (argv.includes('--help') || argv.includes('-h')) process.stdout.write(helpText(TRANSFORMER_OPTIONS));
else if (argv.includes('--version')) process.stdout.write(`${packageVersion()}\n`);
else await main();

async function main(): Promise<void> {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
  const { config, models, warnings, problems } = loadConfig({
    argv,
    env: process.env,
    readFile: (path) => readFileSync(path, 'utf8'),
    transformers: TRANSFORMER_OPTIONS,
  });
  if (config === undefined) {
    for (const problem of problems) process.stderr.write(`${problem}\n`);
    process.stderr.write('Not started; --help lists every option.\n');
    process.exitCode = 1;
    return;
  }
  const logger = createLogger({ level: config.logLevel });
  for (const warning of warnings) logger.warn(warning);
  const version = packageVersion();
  logger.info({ version, ...config, models: models.map(withoutPassword) }, 'starting');
  const tracing = await createTracing({
    env: process.env,
    serviceName: models.length === 1 && models[0] !== undefined ? models[0].name : 'kserve-transformer',
    serviceVersion: version,
    logger,
  });
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'uncaught exception');
    process.exit(1);
  });
  try {
    const app = await startApp({ config, models, version, logger, tracing });
    const stop: App['stop'] = async (options) => {
      await app.stop(options);
      await tracing.close();
    };
    stopOnSignals(stop, config.shutdownDelaySeconds * 1000);
  } catch (error) {
    const { code, message, cause } = toServiceError(error);
    const reason = code === 'internal' && cause instanceof Error ? cause.message : message;
    logger.fatal({ err: cause }, `not started: ${reason}`);
    process.exitCode = 1;
    process.exit();
  }

  /**
   * The first SIGTERM or SIGINT drains and ends the process, the second ends it at once. SIGTERM is what Kubernetes
   * sends, whose endpoints need time to forget the pod; SIGINT comes from a terminal, where nobody needs it.
   */
  function stopOnSignals(stop: App['stop'], delayMs: number): void {
    let isStopping = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (isStopping) process.exit(1);
      isStopping = true;
      logger.info({ signal }, 'stopping');
      void stop({ delayMs: signal === 'SIGTERM' ? delayMs : 0 }).then(() => {
        logger.info('stopped');
        process.exit(0);
      });
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  }
}

/** An address may hold a password, though it has no use here. */
function withoutPassword({ predictor, ...model }: ModelConfig): ModelConfig {
  return { ...model, predictor: { ...predictor, host: predictor.host.replace(/\/\/[^/]*@/, '//…@') } };
}

function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return manifest.version;
}
