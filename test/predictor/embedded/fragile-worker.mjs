/** A worker that knows one model, loads it, and dies of the first call to it. */
import { parentPort } from 'node:worker_threads';

const tensor = (name) => ({ name, datatype: 'FP32', dims: [4], reshape: undefined });
const spec = { name: 'fragile', maxBatchSize: 8, inputs: [tensor('input')], outputs: [tensor('output')] };

parentPort.on('message', (order) => {
  if (order === 'close') parentPort.close();
  else if (order.kind === 'load') parentPort.postMessage({ kind: 'loaded', id: order.id });
  else throw new Error('out of luck');
});
parentPort.postMessage({ kind: 'started', models: [{ name: 'fragile', spec, version: '1' }] });
