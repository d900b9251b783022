import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEmbeddedPredictor, type EmbeddedOptions } from '../../../src/predictor/embedded/embedded-predictor.js';
import { CONTRACT_CONCURRENCY } from '../contract.js';

/** The tiny models that every predictor is tested with. */
const TINY_MODELS = fileURLToPath(new URL('../../fixtures/models', import.meta.url));

/** The real models, which `npm run models` builds. */
export const FACE_MODELS = fileURLToPath(new URL('../../../triton-models', import.meta.url));

/** Worker threads cannot load TypeScript: the built script. */
export const WORKER_ENTRY = new URL('../../../dist/predictor/embedded/worker-entry.js', import.meta.url);

/** A log that keeps its lines, as `level: message {details}`. */
export function recordingLogger() {
  const lines: string[] = [];
  const keep =
    (level: string) =>
    (details: unknown, message = '') =>
      void lines.push(`${level}: ${message} ${JSON.stringify(details)}`);
  return { lines, logger: { info: keep('info'), warn: keep('warn'), error: keep('error') } };
}

/** An embedded predictor over the tiny models, or as the options say. */
export function startEmbedded(options: Partial<EmbeddedOptions> = {}) {
  const { logger } = recordingLogger();
  return createEmbeddedPredictor({
    repository: TINY_MODELS,
    threads: 1,
    concurrency: CONTRACT_CONCURRENCY,
    requestTimeoutMs: 20_000,
    workerEntry: WORKER_ENTRY,
    logger,
    ...options,
  });
}

/** A model of a repository made for a test: its config, and the ONNX file of each version. */
export interface MadeModel {
  readonly config?: string;
  /** By version; the tiny `identity` model when `'identity'`. */
  readonly versions?: Readonly<Record<string, Uint8Array | 'identity'>>;
}

/** Makes a repository in a temporary folder. */
export function makeRepository(models: Readonly<Record<string, MadeModel>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'repository-'));
  for (const [name, { config, versions = {} }] of Object.entries(models)) {
    mkdirSync(path.join(folder, name));
    if (config !== undefined) writeFileSync(path.join(folder, name, 'config.pbtxt'), config);
    for (const [version, bytes] of Object.entries(versions)) {
      const target = path.join(folder, name, version);
      mkdirSync(target);
      if (bytes === 'identity')
        cpSync(path.join(TINY_MODELS, 'identity/1/model.onnx'), path.join(target, 'model.onnx'));
      else writeFileSync(path.join(target, 'model.onnx'), bytes);
    }
  }
  return folder;
}

/** The config of the tiny `identity` model, with lines added. */
export function identityConfig(added = ''): string {
  const config = readFileSync(path.join(TINY_MODELS, 'identity/config.pbtxt'), 'utf8');
  return `${config.replace(/^name:.*\n/, '')}\n${added}\n`;
}
