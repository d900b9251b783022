import { decodeInferResponse, encodeInferResponse } from '../../../src/oip/grpc/infer-response-codec.js';
import { writeInferMessage, writeStreamError } from '../../../src/server/grpc/write-infer-message.js';
import type { AnyTensor } from '../../../src/tensor.js';

const HEAD = { model: 'm', id: 'i' };

const written = (outputs: Record<string, AnyTensor>, isRaw: boolean) => {
  const message = writeInferMessage({ outputs: new Map(Object.entries(outputs)) }, { ...HEAD, isRaw });
  return decodeInferResponse(encodeInferResponse(message));
};

describe('writeInferMessage()', () => {
  it('writes raw contents as views on the tensors', () => {
    const data = Float32Array.of(1, 2);
    const { raw_output_contents: raw } = writeInferMessage(
      { outputs: new Map([['y', { datatype: 'FP32', shape: [2], data }]]) },
      { ...HEAD, isRaw: true },
    );
    expect(raw[0]?.buffer).toBe(data.buffer);
  });

  it.each<[AnyTensor, object]>([
    [{ datatype: 'BOOL', shape: [2], data: Uint8Array.of(0, 1) }, { bool_contents: [false, true] }],
    [{ datatype: 'INT8', shape: [2], data: Int8Array.of(-1, 2) }, { int_contents: [-1, 2] }],
    [{ datatype: 'INT16', shape: [1], data: Int16Array.of(-300) }, { int_contents: [-300] }],
    [{ datatype: 'INT32', shape: [1], data: Int32Array.of(-(2 ** 31)) }, { int_contents: [-(2 ** 31)] }],
    [{ datatype: 'INT64', shape: [1], data: BigInt64Array.of(-(2n ** 63n)) }, { int64_contents: [`-${2n ** 63n}`] }],
    [{ datatype: 'UINT8', shape: [1], data: Uint8Array.of(255) }, { uint_contents: [255] }],
    [{ datatype: 'UINT16', shape: [1], data: Uint16Array.of(65535) }, { uint_contents: [65535] }],
    [{ datatype: 'UINT32', shape: [1], data: Uint32Array.of(2 ** 32 - 1) }, { uint_contents: [2 ** 32 - 1] }],
    [
      { datatype: 'UINT64', shape: [1], data: BigUint64Array.of(2n ** 64n - 1n) },
      { uint64_contents: [String(2n ** 64n - 1n)] },
    ],
    [
      { datatype: 'FP32', shape: [3], data: Float32Array.of(0.5, NaN, -Infinity) },
      { fp32_contents: [0.5, NaN, -Infinity] },
    ],
    [{ datatype: 'FP64', shape: [1], data: Float64Array.of(0.1) }, { fp64_contents: [0.1] }],
    [
      { datatype: 'BYTES', shape: [2], data: [Buffer.from('a'), Buffer.alloc(0)] },
      { bytes_contents: [Buffer.from('a'), Buffer.alloc(0)] },
    ],
    [{ datatype: 'FP32', shape: [0], data: new Float32Array(0) }, {}],
  ])('writes %j as typed contents', (tensor, contents) => {
    const { outputs, raw_output_contents: raw } = written({ y: tensor }, false);
    const { datatype, shape } = tensor;
    expect(outputs).toEqual([{ name: 'y', datatype, shape, parameters: {}, contents }]);
    expect(raw).toEqual([]);
  });

  it.each(['FP16', 'BF16'] as const)('writes all outputs raw when one is %s', (datatype) => {
    const outputs: Record<string, AnyTensor> = {
      a: { datatype: 'INT8', shape: [1], data: Int8Array.of(5) },
      b: { datatype, shape: [1], data: Uint16Array.of(0x3c00) },
    };
    const message = written(outputs, false);
    expect(message.outputs.map(({ contents }) => contents)).toEqual([null, null]);
    expect(message.raw_output_contents).toEqual([Buffer.of(5), Buffer.of(0, 0x3c)]);
  });

  it('writes version and parameters where there are such, integers beyond 2^53 exactly', () => {
    const parameters = { a: 1, b: 1.5, c: 'text', d: true, e: -(2n ** 63n), f: 2n ** 64n - 1n, g: 2 ** 60 };
    const message = writeInferMessage({ outputs: new Map(), version: '7', parameters }, { ...HEAD, isRaw: true });
    expect(decodeInferResponse(encodeInferResponse(message))).toMatchObject({
      model_name: 'm',
      model_version: '7',
      id: 'i',
      parameters: {
        a: { int64_param: '1' },
        b: { double_param: 1.5 },
        c: { string_param: 'text' },
        d: { bool_param: true },
        e: { int64_param: String(-(2n ** 63n)) },
        f: { uint64_param: String(2n ** 64n - 1n) },
        g: { double_param: 2 ** 60 },
      },
    });
  });
});

describe('writeStreamError()', () => {
  it('says which request has failed', () => {
    expect(writeStreamError('no', HEAD)).toMatchObject({
      error_message: 'no',
      infer_response: { model_name: 'm', id: 'i', outputs: [] },
    });
  });
});
