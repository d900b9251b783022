import { classesOf } from '../../bench/service/requests.mjs';

const json = (content: unknown) => {
  const bytes = Buffer.from(JSON.stringify(content));
  return { bytes, headLength: bytes.length };
};
const binary = (datatype: string, tensor: ArrayBufferView) => {
  const head = Buffer.from(JSON.stringify({ outputs: [{ datatype }] }));
  const values = Buffer.from(tensor.buffer, tensor.byteOffset, tensor.byteLength);
  return { bytes: Buffer.concat([head, values]), headLength: head.length };
};
const logits = (best: number) => Array.from({ length: 10 }, (_, label) => (label === best ? 1 : -label));

describe('classesOf()', () => {
  it.each([
    ['V1 predictions that are classes', json({ predictions: [7, 8] })],
    ['V1 predictions that have an index', json({ predictions: [{ index: 7 }, { index: 8 }] })],
    ['V2 classes in JSON', json({ outputs: [{ datatype: 'INT64', data: [7, 8] }] })],
    ['V2 classes in bytes', binary('INT64', BigInt64Array.of(7n, 8n))],
    ['V2 logits in bytes', binary('FP32', Float32Array.from([...logits(7), ...logits(8)]))],
  ])('reads %s', (_, answer) => {
    expect(classesOf(answer)).toEqual([7, 8]);
  });
});
