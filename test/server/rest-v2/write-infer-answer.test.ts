import { writeInferAnswer } from '../../../src/server/rest-v2/write-infer-answer.js';
import { type AnyTensor, float32Tensor } from '../../../src/tensor.js';
import { serviceErrorThrownBy } from '../../helpers/service-error-of.js';

const HEAD = { model: 'm', id: 'i', isBinary: () => false };
const answerOf = (name: string, tensor: AnyTensor, isBinary = false) =>
  writeInferAnswer({ outputs: new Map([[name, tensor]]) }, { ...HEAD, isBinary: () => isBinary });

describe('writeInferAnswer()', () => {
  it('escapes names and texts, and writes numbers so that they come back the same', () => {
    const outputs = new Map<string, AnyTensor>([
      ['a"b', float32Tensor([2], Float32Array.of(0.1, 1e-40))],
      ['__proto__', { datatype: 'BYTES', shape: [1], data: [Buffer.from('\u2028"\\\u0000😀')] }],
    ]);
    const { pieces } = writeInferAnswer({ outputs, version: '"1"' }, { ...HEAD, model: 'm"', id: '"' });
    expect(pieces).toHaveLength(1);
    expect(JSON.parse(String(pieces[0]))).toEqual({
      model_name: 'm"',
      model_version: '"1"',
      id: '"',
      outputs: [
        { name: 'a"b', shape: [2], datatype: 'FP32', data: [Math.fround(0.1), Math.fround(1e-40)] },
        { name: '__proto__', shape: [1], datatype: 'BYTES', data: ['\u2028"\\\u0000😀'] },
      ],
    });
  });

  it('takes views on parts of buffers for what they are', () => {
    const whole = Buffer.from('xxwordxx');
    const { pieces } = answerOf('a', { datatype: 'BYTES', shape: [1], data: [whole.subarray(2, 6)] });
    expect(String(pieces[0])).toContain('"data":["word"]');
  });

  it('does not copy tensors that go out as binary data', () => {
    const data = Float32Array.of(1, 2, 3);
    const { headers, pieces } = answerOf('a', float32Tensor([3], data), true);
    expect(headers).toEqual({
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(pieces[0]?.byteLength),
    });
    expect(pieces[1]?.buffer).toBe(data.buffer);
  });

  it('cuts the name of an output that has no form in JSON', () => {
    const tensor: AnyTensor = { datatype: 'FP16', shape: [1], data: Uint16Array.of(1) };
    const { code, message } = serviceErrorThrownBy(() => answerOf('n'.repeat(1000), tensor));
    expect(code).toBe('invalid_argument');
    expect(message).toBe(
      `sending FP16 data via JSON is not supported. Please use the binary data format for output ${'n'.repeat(80)}…`,
    );
  });
});
