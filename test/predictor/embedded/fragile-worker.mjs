/** A worker that loads `fragile` and dies of the first call to it, and dies of loading `broken`. */
import { parentPort } from 'node:worker_threads';

const tensor = (name) => ({ name, datatype: 'FP32', dims: [4], reshape: undefined });
const spec = (name) => ({ name, maxBatchSize: 8, inputs: [tensor('input')], outputs: [tensor('output')] });
const found = (name) => ({ name, spec: spec(name), version: '1' });

parentPort.on('message', (order) => {
  if (order === 'close') parentPort.close();
  else if (order.kind === 'load' && order.model === 'fragile') parentPort.postMessage({ kind: 'loaded', id: order.id });
  else throw new Error('out of luck');
});
parentPort.postMessage({ kind: 'started', models: [found('fragile'), found('broken')] });
