import { decodeInferResponse, encodeInferRequest } from '../../../../src/predictor/triton/http/infer-body.js';
import { type AnyTensor, float32Tensor } from '../../../../src/tensor.js';
import { serviceErrorThrownBy } from '../../../helpers/service-error-of.js';

const values = Float32Array.of(1, 2, 3, 4);
const request = { model: 'faces', inputs: new Map<string, AnyTensor>([['größe', float32Tensor([1, 4], values)]]) };

describe('encodeInferRequest()', () => {
  it('counts the bytes of the JSON, not its characters, and the whole', () => {
    const { headers, pieces } = encodeInferRequest(request, () => 1000);
    const [json = Buffer.alloc(0)] = pieces;
    expect(headers['inference-header-content-length']).toBe(String(json.byteLength));
    expect(Buffer.from(json).toString().length).toBeLessThan(json.byteLength);
    expect(headers['content-length']).toBe(String(json.byteLength + 16));
  });

  it('sends the tensor itself, without copying it', () => {
    const [, tensor] = encodeInferRequest(request, () => 1000).pieces;
    expect(tensor?.buffer).toBe(values.buffer);
  });

  it.each([
    [undefined, { parameters: { binary_data_output: true } }],
    [['scores'], { outputs: [{ name: 'scores', parameters: { binary_data: true } }] }],
  ])('asks for the outputs %j as binary data', (outputs, wanted) => {
    const [json = Buffer.alloc(0)] = encodeInferRequest({ ...request, ...(outputs && { outputs }) }, () => 1000).pieces;
    expect(JSON.parse(Buffer.from(json).toString())).toEqual({
      inputs: [{ name: 'größe', datatype: 'FP32', shape: [1, 4], parameters: { binary_data_size: 16 } }],
      ...wanted,
    });
  });
});

describe('decodeInferResponse()', () => {
  const scores = { name: 'scores', datatype: 'FP32', shape: [1], parameters: { binary_data_size: 4 } };
  const labels = { name: 'labels', datatype: 'BYTES', shape: [1], data: ['face'] };
  const answer = (outputs: unknown, bytes: number[]) => {
    const json = Buffer.from(JSON.stringify({ outputs }));
    return { body: Buffer.concat([json, Buffer.from(bytes)]), length: String(json.length) };
  };

  it('reads binary data and JSON in one answer', () => {
    const { body, length } = answer([labels, scores], [0, 0, 128, 63]);
    expect(decodeInferResponse(request, body, length).outputs).toEqual(
      new Map<string, AnyTensor>([
        ['labels', { datatype: 'BYTES', shape: [1], data: [Buffer.from('face')] }],
        ['scores', float32Tensor([1], Float32Array.of(1))],
      ]),
    );
  });

  it('refuses an answer that is cut at any place', () => {
    const { body, length } = answer([scores], [0, 0, 128, 63]);
    for (let end = 0; end < body.length; end++) {
      const error = serviceErrorThrownBy(() => decodeInferResponse(request, body.subarray(0, end), length));
      expect(error.code).toBe('upstream_error');
    }
  });

  it.each([
    ['bytes beyond the last output', answer([scores], [0, 0, 0, 0, 0]), '1 bytes belong to no output'],
    ['fewer bytes than are announced', answer([scores], [0]), 'the body ends within output scores'],
    ['a length that is none', { ...answer([], []), length: 'x' }, 'its JSON ends at NaN'],
    ['a length beyond the body', { ...answer([], []), length: '99' }, 'its JSON ends at 99, but the body at 14'],
    ['what is not JSON', { body: Buffer.from('<html>'), length: undefined }, 'it is not JSON'],
    ['JSON without outputs', { body: Buffer.from('{}'), length: undefined }, 'outputs: '],
    ['an output without data', answer([{ ...labels, data: undefined }], []), 'output labels has no data'],
  ])('refuses %s', (_, { body, length }, problem) => {
    expect(() => decodeInferResponse(request, body, length)).toThrow(
      `The predictor's answer for model faces is not valid: ${problem}`,
    );
  });
});
