/**
 * Calls a model with our client for some seconds, in a process of its own. Its one argument is JSON (see run.mjs); it
 * prints what it measured as JSON.
 */
import { createTritonClient, withSharedMemory } from 'kserve-transformer/triton';
import { summarize } from './summary.mjs';

const job = JSON.parse(process.argv[2]);
const address = job.caller === 'http' ? `http://${job.http}` : `grpc://${job.grpc}`;
const plain = createTritonClient(address, { concurrency: job.inFlight, channels: job.channels });
const client = job.caller === 'shared memory' ? withSharedMemory(plain, { minBytes: 0 }) : plain;

const data = Float32Array.from({ length: job.bytes / 4 }, (_, i) => i % 1000);
const request = {
  model: job.model,
  inputs: { INPUT0: { datatype: 'FP32', shape: [data.length], data } },
  outputs: ['OUTPUT0'],
};

// The model's output has any size, so that it goes through memory only where the call says its size.
const callOptions = job.caller === 'shared memory' ? { outputByteSizes: { OUTPUT0: data.byteLength } } : {};

async function call() {
  const result = await client.infer(request, callOptions);
  const output = result.outputs.get('OUTPUT0');
  if (output.data.length !== data.length || output.data.at(-1) !== data.at(-1)) throw new Error('another answer');
  result.release?.();
}

async function callFor(seconds) {
  const times = [];
  const until = performance.now() + seconds * 1000;
  const loop = async () => {
    for (let start = performance.now(); start < until;) {
      await call();
      const end = performance.now();
      times.push(end - start);
      start = end;
    }
  };
  await Promise.all(Array.from({ length: job.inFlight }, loop));
  return times;
}

await callFor(job.warmUpSeconds);
const cpuBefore = process.cpuUsage();
const startedAt = performance.now();
const times = await callFor(job.seconds);
const elapsedMs = performance.now() - startedAt;
const cpu = process.cpuUsage(cpuBefore);
console.log(JSON.stringify(summarize({ times, elapsedMs, cpuMs: (cpu.user + cpu.system) / 1000 })));
await client.close();
