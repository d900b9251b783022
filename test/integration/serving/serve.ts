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

/** Starts the service that hands requests for one model on to the Triton of the tests. */
export function servePassthrough(
  model: string,
  upstream: Protocol,
  options: { address?: string; flags?: readonly string[] } = {},
): Promise<Serving> {
  const { address = tritonAddress(upstream), flags = [] } = options;
  const predictor = ['--predictor_host', `${upstream}://${address}`];
  return serve(['--transformer', 'passthrough', '--model_name', model, ...predictor, ...flags]);
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
