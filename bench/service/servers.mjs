/** The servers that are compared, and how each is started. */
import path from 'node:path';
import { PROJECT_ROOT } from '../../scripts/processes.mjs';

const PEERS = path.join(PROJECT_ROOT, 'bench', 'peer');

/** Keeps glibc from giving a picture's memory back after each, to fault it in again for the next: about +60 % at 1080p. */
export const MALLOC = { MALLOC_TRIM_THRESHOLD_: '1000000000', MALLOC_MMAP_THRESHOLD_: '1000000000' };

/** Ours. @param protocol of the predictor @param flags further ones */
function ours(protocol, flags = []) {
  return {
    command: ({ triton, port, otherPort }) => ({
      program: process.execPath,
      args: [
        ...['dist', '--model_name', 'cifar10', '--predictor_protocol', protocol],
        ...['--predictor_host', `127.0.0.1:${protocol === 'v2' ? triton.httpPort : triton.grpcPort}`],
        ...['--http_port', String(port), '--grpc_port', String(otherPort), '--shutdown_delay_seconds', '0'],
        ...flags,
      ],
      cwd: PROJECT_ROOT,
    }),
    healthPath: '/v2/health/ready',
  };
}

function kserve({ protocol, workers, flags = [], env = {} }) {
  return {
    venv: 'kserve',
    command: ({ triton, port, otherPort, programs }) => ({
      program: path.join(programs, 'python'),
      args: [
        ...['kserve_transformer.py', '--model_name', 'cifar10', '--predictor_protocol', protocol],
        ...['--predictor_host', `127.0.0.1:${protocol === 'v2' ? triton.httpPort : triton.grpcPort}`],
        ...['--workers', String(workers), '--http_port', String(port), '--grpc_port', String(otherPort), ...flags],
      ],
      cwd: PEERS,
      env,
    }),
    healthPath: '/v2/health/ready',
  };
}

/** A peer of `--all`, two workers, its access log off, calling Triton over gRPC. */
function another({ venv, program, args = [], env = {}, kinds = ['v1'], healthPath }) {
  return {
    venv,
    kinds,
    healthPath,
    pixels: 'exact',
    isExtra: true,
    command: ({ triton, port, otherPort, thirdPort, programs, scratch }) => ({
      program: path.join(programs, program),
      args: args.map((arg) => arg.replace('PORT', String(port))),
      cwd: venv === 'mlserver' ? scratch : PEERS,
      env: {
        PYTHONPATH: PEERS,
        TRITON_GRPC: `127.0.0.1:${triton.grpcPort}`,
        PORT: String(port),
        WORKERS: '2',
        REPLICAS: '2',
        ...Object.fromEntries(
          Object.entries(env).map(([name, value]) => [
            name,
            value.replace('THIRD', String(thirdPort)).replace('OTHER', String(otherPort)).replace('PORT', String(port)),
          ]),
        ),
        ...MALLOC,
      },
    }),
  };
}

/** Calls of simultaneous requests are joined, as Triton's own dynamic batcher does for the peer within it. */
const BATCHING = ['--max_batch_delay_ms', '1'];

const FAST = ['--resize', 'fast'];

/**
 * Every server by its name. `kinds` are the bodies it is sent; `pixels` is how it decodes: exact ones have to answer
 * alike; `venv` names the peer that is installed for it; one that `isExtra` is run by `--all` only, or by its name;
 * `healthPath` is asked while it is under load; with less than `minClients` it is not run.
 */
export const SERVERS = {
  'ours-http': { ...ours('v2'), kinds: ['v1', 'raw', 'v2'], pixels: 'exact' },
  'ours-grpc': { ...ours('grpc-v2'), kinds: ['v1'], pixels: 'exact' },
  'ours-batching': { ...ours('v2', BATCHING), kinds: ['v1', 'raw'], pixels: 'exact', minClients: 2 },
  'ours-fast': { ...ours('v2', FAST), kinds: ['v1'], pixels: 'fast' },
  'ours-fast-batching': { ...ours('v2', [...FAST, ...BATCHING]), kinds: ['v1'], pixels: 'fast', minClients: 2 },
  'kserve-grpc-w2': {
    ...kserve({ protocol: 'grpc-v2', workers: 2, env: MALLOC }),
    kinds: ['v1'],
    pixels: 'exact',
  },
  'kserve-grpc-w2-draft': {
    ...kserve({ protocol: 'grpc-v2', workers: 2, env: MALLOC, flags: ['--jpeg_draft'] }),
    kinds: ['v1'],
    pixels: 'fast',
  },
  'kserve-rest-w1': { ...kserve({ protocol: 'v2', workers: 1 }), kinds: ['v1'], pixels: 'exact' },
  'triton-bls': { isTriton: true, kinds: ['bls'], pixels: 'exact', healthPath: '/v2/health/ready' },
  'fastapi-w2': another({
    venv: 'kserve',
    program: 'uvicorn',
    healthPath: '/ready',
    args: ['fastapi_transformer:app', '--port', 'PORT', '--workers', '2', '--no-access-log'],
  }),
  'bentoml-w2': another({
    venv: 'bentoml',
    program: 'bentoml',
    healthPath: '/readyz',
    args: ['serve', 'bentoml_transformer:ImageTransformer', '--host', '127.0.0.1', '--port', 'PORT'],
  }),
  'ray-w2': another({
    venv: 'ray',
    program: 'python',
    healthPath: '/-/healthz',
    args: ['ray_transformer.py'],
    env: { RAY_USAGE_STATS_ENABLED: '0' },
  }),
  'mlserver-w2': another({
    venv: 'mlserver',
    program: 'mlserver',
    healthPath: '/v2/health/ready',
    args: ['start', '.'],
    kinds: ['text'],
    env: {
      MLSERVER_DEBUG: 'false',
      MLSERVER_HOST: '127.0.0.1',
      MLSERVER_HTTP_PORT: 'PORT',
      MLSERVER_GRPC_PORT: 'OTHER',
      MLSERVER_METRICS_PORT: 'THIRD',
      MLSERVER_PARALLEL_WORKERS: '2',
      MLSERVER_MODEL_NAME: 'cifar10',
      MLSERVER_MODEL_IMPLEMENTATION: 'mlserver_transformer.ImageTransformer',
    },
  }),
  'litserve-w2': another({
    venv: 'litserve',
    program: 'python',
    healthPath: '/health',
    args: ['litserve_transformer.py'],
  }),
};
