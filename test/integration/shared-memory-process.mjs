/**
 * `node shared-memory-process.mjs <address>`: a process of its own that calls the model `copy` through shared memory until
 * its standard input ends. Prints `ready` after the first call, and at last what it did as JSON.
 */
import { createTritonClient } from '../../dist/predictor/triton/create-triton-client.js';
import { withSharedMemory } from '../../dist/predictor/triton/shared-memory/shared-memory-client.js';

const COUNT = 50_000;

const triton = createTritonClient(process.argv[2]);
const warnings = [];
const shared = withSharedMemory(triton, { logger: { warn: (_, message) => warnings.push(message) } });
let isEnding = false;
process.stdin.on('end', () => (isEnding = true)).resume();

let calls = 0;
let wrong = 0;
while (!isEnding) {
  const data = new Float32Array(COUNT).fill(-1 - calls);
  const request = {
    model: 'copy',
    inputs: { INPUT0: { datatype: 'FP32', shape: [COUNT], data } },
    outputs: ['OUTPUT0'],
  };
  const result = await shared.infer(request, { outputByteSizes: { OUTPUT0: data.byteLength } });
  const output = result.outputs.get('OUTPUT0');
  if (!output.data.every((value) => value === -1 - calls)) wrong += 1;
  result.release();
  if (calls === 0) console.log('ready');
  calls += 1;
}
await shared.close();
await triton.close();
console.log(JSON.stringify({ calls, wrong, warnings }));
