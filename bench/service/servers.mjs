/**
 * The servers that are compared. `kinds` are the bodies that a server is sent.
 */
import path from 'node:path';
import { PROJECT_ROOT } from '../../scripts/processes.mjs';

const PEERS = path.join(PROJECT_ROOT, 'bench', 'peer');

/** Keeps glibc from giving a picture's memory back after each, to fault it in again for the next: about +60 % at 1080p. */
export const MALLOC = { MALLOC_TRIM_THRESHOLD_: '1000000000', MALLOC_MMAP_THRESHOLD_: '1000000000' };

const V1_PATH = '/v1/models/cifar10:predict';
const V2_PATH = '/v2/models/cifar10/infer';
const JSON_TYPE = { 'content-type': 'application/json' };
const BINARY_TYPE = { 'content-type': 'application/octet-stream' };

/** How each kind of body is sent: which file, to which path, with which headers. */
export const BODY_KINDS = {
  v1: (name) => ({ file: `${name}.v1.json`, path: V1_PATH, headers: JSON_TYPE }),
  raw: (name) => ({
    file: `${name}.raw`,
    path: V1_PATH,
    headers: {
      'content-type': name === 'vga8' ? 'multipart/form-data; boundary=benchmark-boundary' : 'image/jpeg',
    },
  }),
  v2: (name) => ({ file: `${name}.v2.bin`, headFile: `${name}.v2.head`, path: V2_PATH, headers: BINARY_TYPE }),
  bls: (name) => ({
    file: `${name}.bls.bin`,
    headFile: `${name}.bls.head`,
    path: '/v2/models/image_cifar10/infer',
    headers: BINARY_TYPE,
  }),
  text: (name) => ({ file: `${name}.text.json`, path: V2_PATH, headers: JSON_TYPE }),
};

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
function another({ venv, program, args = [], env = {}, kinds = ['v1'] }) {
  return {
    venv,
    kinds,
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

/** Every server by its name. `kinds` are the bodies it is sent; `pixels` is what its answers are compared with. */
export const SERVERS = {
  'ours-http': { ...ours('v2'), kinds: ['v1', 'raw', 'v2'], pixels: 'exact' },
  'ours-grpc': { ...ours('grpc-v2'), kinds: ['v1'], pixels: 'exact' },
  'ours-batching': { ...ours('v2', BATCHING), kinds: ['v1', 'raw'], pixels: 'exact' },
  'ours-fast': { ...ours('v2', FAST), kinds: ['v1'], pixels: 'fast' },
  'ours-fast-batching': { ...ours('v2', [...FAST, ...BATCHING]), kinds: ['v1'], pixels: 'fast' },
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
    args: ['fastapi_transformer:app', '--port', 'PORT', '--workers', '2', '--no-access-log'],
  }),
  'bentoml-w2': another({
    venv: 'bentoml',
    program: 'bentoml',
    args: ['serve', 'bentoml_transformer:ImageTransformer', '--host', '127.0.0.1', '--port', 'PORT'],
  }),
  'ray-w2': another({
    venv: 'ray',
    program: 'python',
    args: ['ray_transformer.py'],
    env: { RAY_USAGE_STATS_ENABLED: '0' },
  }),
  'mlserver-w2': another({
    venv: 'mlserver',
    program: 'mlserver',
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
  'litserve-w2': another({ venv: 'litserve', program: 'python', args: ['litserve_transformer.py'] }),
};
