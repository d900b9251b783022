/** What no service can go below: Triton alone with the tensor ready-made, and the picture alone made a tensor. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadSync } from '@grpc/proto-loader';
import { PROJECT_ROOT, runQuietly } from '../../scripts/processes.mjs';
import { decodeCosts } from './decode-costs.mjs';
import { requestOf } from './requests.mjs';
import { percentile } from './statistics.mjs';

const PROTO = path.join(PROJECT_ROOT, 'protos', 'grpc_service.proto');
const METHOD = 'inference.GRPCInferenceService';
const TENSOR = { name: 'INPUT__0', datatype: 'FP32', shape: [1, 3, 32, 32] };

/**
 * @param {{ generator: object, triton: object, folder: string, clientCounts: number[], seconds: number, log: Function }} options
 * @returns `triton` holds runs by way and number of clients, `decode` CPU milliseconds by body and way
 */
export async function measureFloors({ generator, triton, folder, clientCounts, seconds, log }) {
  const decode = await decodeCosts(folder);
  const request = await requestOf('tensor', undefined, folder);
  const grpc = await grpcCaller({ triton, folder, log });
  const runs = [];
  for (const clients of clientCounts) {
    const watched = { triton: triton.pid };
    const http = await generator.run({ ...request, port: triton.httpPort, clients, seconds, watched });
    runs.push({ way: 'HTTP, by the generator', clients, ...http });
    runs.push({ way: grpc.title, clients, ...(await grpc.run({ clients, seconds })) });
  }
  return { decode, triton: runs };
}

/** Calls of Triton over gRPC by h2load where there is one, else by this project's own client. */
async function grpcCaller({ triton, folder, log }) {
  const { createTritonClient } = await import('kserve-transformer/triton');
  const client = createTritonClient(`grpc://127.0.0.1:${triton.grpcPort}`);
  const tensor = await readTensor(folder);
  const data = new Float32Array(tensor.buffer.slice(tensor.byteOffset, tensor.byteOffset + tensor.byteLength));
  const call = () => client.infer({ model: 'cifar10', inputs: { [TENSOR.name]: { ...TENSOR, data } } });
  // h2load sees HTTP's status only: whether the call is answered well is seen here.
  const { outputs } = await call();
  if (outputs.get('OUTPUT__0')?.data.length !== 10) throw new Error('Triton answered a call over gRPC with no logits');

  if ((await runQuietly('h2load', ['--version'])).code === 0) {
    await client.close();
    const body = path.join(folder, 'tensor.grpc');
    await writeFile(body, grpcFrame(tensor));
    return { title: 'gRPC, by h2load', run: (load) => runH2load({ ...load, port: triton.grpcPort, body }) };
  }
  log('There is no h2load (package nghttp2-client): Triton alone is called over gRPC by the Node.js client.');
  const title = 'gRPC, by the Node.js client';
  return { title, run: (load) => runCalls({ ...load, call }) };
}

/** The bytes of the tensor, behind the JSON of its body for HTTP. */
async function readTensor(folder) {
  const head = Number(await readFile(path.join(folder, 'tensor.head'), 'utf8'));
  return (await readFile(path.join(folder, 'tensor.bin'))).subarray(head);
}

/** A ModelInferRequest as gRPC sends it: not compressed (0), its length, the message. */
function grpcFrame(tensor) {
  const { ModelInfer } = loadSync(PROTO, { keepCase: true })[METHOD];
  const request = { model_name: 'cifar10', inputs: [TENSOR], raw_input_contents: [tensor] };
  const message = ModelInfer.requestSerialize(request);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([prefix, message]);
}

/** One connection for each client, one call in flight on each. */
async function runH2load({ port, body, clients, seconds }) {
  const log = `${body}.log`;
  const url = `http://127.0.0.1:${port}/${METHOD}/ModelInfer`;
  const headers = ['-H', 'content-type: application/grpc', '-H', 'te: trailers'];
  const wholeSeconds = Math.max(1, Math.round(seconds));
  const load = ['-D', String(wholeSeconds), '-c', String(clients), '-m', '1', '-t', '1'];
  await rm(log, { force: true });
  const { code, output } = await runQuietly('h2load', [...load, '-d', body, ...headers, '--log-file', log, url]);
  if (code !== 0) throw new Error(`h2load failed:\n${output}`);
  // A line is the start in microseconds, HTTP's status, and the duration in microseconds.
  const rows = (await readFile(log, 'utf8')).trimEnd().split('\n');
  const calls = rows.map((row) => row.split('\t')).filter(([, status]) => status === '200');
  const sorted = Float64Array.from(calls, ([, , us]) => Number(us) / 1000).sort();
  return summary(sorted, wholeSeconds * 1000);
}

async function runCalls({ call, clients, seconds }) {
  const times = [];
  const startedAt = performance.now();
  const loop = async () => {
    for (let start = performance.now(); start - startedAt < seconds * 1000;) {
      await call();
      const end = performance.now();
      times.push(end - start);
      start = end;
    }
  };
  await Promise.all(Array.from({ length: clients }, loop));
  return summary(Float64Array.from(times).sort(), performance.now() - startedAt);
}

function summary(sorted, elapsedMs) {
  return {
    callsPerSecond: (sorted.length / elapsedMs) * 1000,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
  };
}
