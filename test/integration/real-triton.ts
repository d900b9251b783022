import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { derivePythonRepository } from '../../scripts/triton/repository.mjs';
import { startTriton, type Triton, type TritonRuntime } from '../../scripts/triton/server.mjs';
import { parsePredictorAddress } from '../../src/predictor/triton/address.js';
import { createTritonPredictor } from '../../src/predictor/triton/triton-predictor.js';
import type { Predictor } from '../../src/predictor/predictor.js';
import { CONTRACT_CONCURRENCY } from '../predictor/contract.js';

/** The protocols of Triton, by the names of their ports. */
export type Protocol = 'http' | 'grpc';

/** `host:port` of the Triton that `npm run test:triton` has started. */
export function tritonAddress(protocol: Protocol): string {
  return fromEnvironment(protocol === 'http' ? 'TRITON_HTTP' : 'TRITON_GRPC');
}

/** A predictor that calls a Triton. */
export function tritonPredictor(protocol: Protocol, address = tritonAddress(protocol)): Promise<Predictor> {
  return createTritonPredictor(parsePredictorAddress(`${protocol}://${address}`), {
    concurrency: CONTRACT_CONCURRENCY,
    requestTimeoutMs: 20_000,
    logger: { info: () => undefined, warn: () => undefined },
  });
}

/** A Triton of the test's own, which it may kill. */
export interface OwnTriton {
  readonly address: (protocol: Protocol) => string;
  kill(): Promise<void>;
  /** Starts it again on the same ports. */
  restart(): Promise<void>;
  /** Ends it and removes its files. */
  close(): Promise<void>;
}

/**
 * Starts one.
 * @param options.from folders of models; by default the small ones of the tests alone
 * @param options.args further arguments of the server: `--model-control-mode=explicit`
 */
export async function startOwnTriton(
  options: { from?: readonly string[]; args?: readonly string[] } = {},
): Promise<OwnTriton> {
  const { from = ['test/fixtures/models'], args = [] } = options;
  const runtime = JSON.parse(fromEnvironment('TRITON_RUNTIME')) as TritonRuntime;
  const folder = await mkdtemp(path.join(tmpdir(), 'own-triton-'));
  const repository = path.join(folder, 'models');
  await derivePythonRepository({ from: [...from], to: repository });
  const start = (ports: Partial<Pick<Triton, 'httpPort' | 'grpcPort'>>) =>
    startTriton({ runtime, repository, log: path.join(folder, 'triton.log'), args, ...ports });
  let triton = await start({});
  const { httpPort, grpcPort } = triton;
  return {
    address: (protocol) => `127.0.0.1:${protocol === 'http' ? httpPort : grpcPort}`,
    kill: () => triton.kill(),
    restart: async () => {
      triton = await start({ httpPort, grpcPort });
    },
    close: async () => {
      await triton.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function fromEnvironment(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run these tests by npm run test:triton`);
  return value;
}
