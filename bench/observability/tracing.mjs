/**
 * `node bench/observability/tracing.mjs`, after `npm run build`: what tracing costs a request, off and on. A request is
 * what the full chain of facequality makes of it: the request's span, five stages, seven calls to the predictor with
 * their headers. The receiver is a process of its own; the time is this process's CPU time, the sending of spans in it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { createTracing } from '../../dist/observability/create-tracing.js';

const REQUESTS = 20_000;
/** Requests between two turns of the event loop, in which batches of spans leave. */
const PER_TURN = 10;
const ROUNDS = 3;
const STAGES = ['queue', 'decode', 'preprocess', 'predict', 'postprocess'];
const MODELS = ['detect', 'landmark', 'pose', 'eye', 'liveness', 'embedding', 'quality'];
const INCOMING = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };

const RECEIVER = `require('node:http').createServer((request, response) => request.resume().on('end', () => response.end()))
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;
const receiver = spawn(process.execPath, ['--eval', RECEIVER], { stdio: ['ignore', 'pipe', 'inherit'] });
const [port] = await once(receiver.stdout, 'data');
const ON = {
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${String(port).trim()}`,
  OTEL_BSP_MAX_QUEUE_SIZE: '200000',
};
const CASES = [
  ['off', {}],
  ['on, recording nothing', { ...ON, OTEL_TRACES_SAMPLER: 'always_off' }],
  ['on, recording 1 of 10', { ...ON, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' }],
  ['on, recording all', ON],
];

function traceRequest(tracing, headers) {
  const request = tracing.startRequest('POST /v1/models/{name}:predict', headers, {
    'http.request.method': 'POST',
    'http.route': '/v1/models/{name}:predict',
    'url.path': '/v1/models/facequality:predict',
  });
  for (const name of STAGES) {
    const stage = request.child(name);
    if (name === 'predict') {
      for (const model of MODELS) {
        const call = stage.child(`infer ${model}`, { 'server.address': 'triton', 'server.port': 8001 }, 'client');
        call.headers();
        call.end();
      }
    }
    stage.end();
  }
  request.set({ 'http.response.status_code': 200 });
  request.end();
}

async function measure(env) {
  const logger = { info: () => undefined, warn: console.error };
  const service = { serviceName: 'bench', serviceVersion: '0' };
  const tracing = await createTracing({ env, ...service, logger, closeTimeoutMs: 60_000 });
  // A ratio is of trace ids, so requests that bring one id are recorded all or none.
  const headers = env.OTEL_TRACES_SAMPLER === 'traceidratio' ? {} : INCOMING;
  const before = process.cpuUsage();
  for (let done = 0; done < REQUESTS; done += PER_TURN) {
    for (let index = 0; index < PER_TURN; index += 1) traceRequest(tracing, headers);
    await setImmediate();
  }
  await tracing.close();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / REQUESTS;
}

for (const [, env] of CASES) await measure(env);
for (const [name, env] of CASES) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measure(env));
  const median = rounds.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)];
  console.log(`${name.padEnd(24)} ${median.toFixed(2)} µs a request`);
}
receiver.kill();
