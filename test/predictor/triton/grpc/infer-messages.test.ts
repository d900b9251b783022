import { toInferMessage } from '../../../../src/predictor/triton/grpc/infer-messages.js';

const GREATEST = 2n ** 64n - 1n;

describe('toInferMessage()', () => {
  it('writes each parameter as its kind', () => {
    const request = {
      model: 'faces',
      inputs: {},
      priority: GREATEST,
      sequence: { id: GREATEST, start: true },
      parameters: { text: 'x', yes: true, whole: -7, large: 2n ** 60n, double: 0.5 },
    };
    expect(toInferMessage(request, () => Infinity).parameters).toEqual({
      text: { string_param: 'x' },
      yes: { bool_param: true },
      whole: { int64_param: -7 },
      large: { int64_param: '1152921504606846976' },
      double: { double_param: 0.5 },
      // The same 64 bits as a signed number, which is what Triton reads.
      sequence_id: { int64_param: '-1' },
      sequence_start: { bool_param: true },
      sequence_end: { bool_param: false },
      priority: { uint64_param: '18446744073709551615' },
    });
  });
});
