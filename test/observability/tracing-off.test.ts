import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Makes tracing in a process of its own, as the built service does, and prints the libraries that this loaded. */
const PROGRAM = `
  import { createRequire } from 'node:module';
  import { createTracing } from './dist/observability/create-tracing.js';
  const logger = { info: () => undefined, warn: () => undefined };
  const tracing = await createTracing({ env: process.env, serviceName: 's', serviceVersion: '1', logger });
  tracing.startRequest('r', {}, {}).end();
  const loaded = Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('@opentelemetry'));
  console.log(JSON.stringify(loaded.length));
  await tracing.close();
`;

async function loadedBy(env: NodeJS.ProcessEnv): Promise<number> {
  const program = ['--input-type=module', '--eval', PROGRAM];
  const { stdout } = await promisify(execFile)(process.execPath, program, { env, timeout: 20_000 });
  return Number(stdout);
}

describe('createTracing() in a process of its own', () => {
  it('loads nothing of OpenTelemetry when it is off', async () => {
    expect(await loadedBy({ OTEL_SERVICE_NAME: 'facequality' })).toBe(0);
  });

  it('loads it when it is on', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_TRACES_SAMPLER: 'always_off' };
    expect(await loadedBy(env)).toBeGreaterThan(50);
  });
});
