import { fromInferMessage } from '../../../../src/predictor/triton/grpc/infer-messages.js';
import { decodeInferResponse } from '../../../../src/predictor/triton/http/infer-body.js';
import type { TritonInferRequest } from '../../../../src/predictor/triton/inference.js';

const SLICE = { region: 'faces', offset: 4096, byteSize: 8192 };
const REQUEST: TritonInferRequest = { model: 'copy', inputs: {}, outputs: [{ name: 'OUTPUT0', sharedMemory: SLICE }] };

// As Triton 2.51 answers; neither protocol names the region.
const JSON_ANSWER =
  '{"model_name":"copy","model_version":"1","outputs":[{"name":"OUTPUT0","datatype":"FP32","shape":[10]}]}';
const GRPC_ANSWER = {
  model_name: 'copy',
  model_version: '1',
  id: '',
  parameters: {},
  outputs: [{ name: 'OUTPUT0', datatype: 'FP32', shape: [10], parameters: {}, contents: null }],
  raw_output_contents: [new Uint8Array(0)],
};

const ANSWERS = [
  ['HTTP', (request: TritonInferRequest) => decodeInferResponse(request, Buffer.from(JSON_ANSWER), undefined)],
  ['gRPC', (request: TritonInferRequest) => fromInferMessage(request, GRPC_ANSWER)],
] as const;

describe.each(ANSWERS)("Triton's answer over %s to a request for an output in shared memory", (_, answer) => {
  it('leaves the output where the request had it written', () => {
    const result = answer(REQUEST);
    expect([...result.sharedOutputs]).toEqual([['OUTPUT0', { datatype: 'FP32', shape: [10], sharedMemory: SLICE }]]);
    expect(result.outputs.size).toBe(0);
  });

  it('is no answer to a request for the output itself', () => {
    expect(() => answer({ ...REQUEST, outputs: ['OUTPUT0'] })).toThrow(/output OUTPUT0 has (no data|0 bytes, but)/);
  });
});

it('takes the data of a server that passes over the wish for shared memory', () => {
  const raw = new Uint8Array(Float32Array.from({ length: 10 }, (_, index) => index).buffer);
  const result = fromInferMessage(REQUEST, { ...GRPC_ANSWER, raw_output_contents: [raw] });
  expect(result.outputs.get('OUTPUT0')?.data).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
  expect(result.sharedOutputs.size).toBe(0);
});
