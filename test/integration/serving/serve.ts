import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findFreePort } from '../../../scripts/ports.mjs';
import { multiRequest, PREDICT, scoresOf } from '../../helpers/face-bodies.js';
import { type RunningService, startService } from '../../helpers/start-service.js';
import { type Protocol, tritonAddress } from '../real-triton.js';

/** A service with both of its ports. */
export interface Serving extends RunningService {
  /** `host:port`. */
  readonly address: Readonly<Record<Protocol, string>>;
}

/** The picture that every client sends, and that has one face. */
export const PICTURE = 'base.png';

/** How much scores that came on different ways may differ: what 32-bit floats make of them. */
const SCORE_TOLERANCE = 1e-6;

/** Starts the service, face quality over embedded models by default, and waits until it is ready. */
export async function serve(flags: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Serving> {
  const grpcPort = await findFreePort();
  const service = await startService(['--grpc_port', String(grpcPort), ...flags], env);
  try {
    await service.untilReady();
  } catch (error) {
    await service.kill();
    throw error;
  }
  return { ...service, address: { http: new URL(service.url).host, grpc: `127.0.0.1:${grpcPort}` } };
}

/** Starts the service that hands requests for certain models on to a Triton, by default the tests' common one. */
export async function servePassthrough(
  models: readonly string[],
  upstream: Protocol,
  { address = tritonAddress(upstream), flags = [] }: { address?: string; flags?: readonly string[] } = {},
): Promise<Serving> {
  const folder = await mkdtemp(path.join(tmpdir(), 'passthrough-'));
  const file = path.join(folder, 'service.yaml');
  const entries = models.map((model) => ({ model_name: model, transformer: 'passthrough' }));
  // JSON is YAML.
  await writeFile(file, JSON.stringify({ predictor_host: `${upstream}://${address}`, models: entries }));
  try {
    return await serve(['--config', file, ...flags]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The score of the picture's one face, by a plain V1 request. */
export async function plainScore(service: RunningService): Promise<number> {
  const { status, body } = await service.post(PREDICT, multiRequest([PICTURE]));
  const score = status === 200 ? scoresOf(body)[0]?.[0] : undefined;
  if (score === undefined) throw new Error(`no score: ${status} ${JSON.stringify(body)}`);
  return score;
}

/** Expects the same score, whichever way it came. */
export function expectClose(actual: unknown, expected: number): void {
  expect(typeof actual).toBe('number');
  expect(Math.abs(Number(actual) - expected)).toBeLessThanOrEqual(SCORE_TOLERANCE);
}
