import fc from 'fast-check';
import { decodeInferResponse, encodeInferRequest } from '../../../../src/predictor/triton/http/infer-body.js';
import type { TritonInferRequest } from '../../../../src/predictor/triton/inference.js';
import { type AnyTensor, float32Tensor } from '../../../../src/tensor.js';
import { serviceErrorThrownBy } from '../../../helpers/service-error-of.js';

const values = Float32Array.of(1, 2, 3, 4);
const request = { model: 'faces', inputs: new Map<string, AnyTensor>([['größe', float32Tensor([1, 4], values)]]) };

/** The text of a request's JSON. */
function jsonOf(extra: Partial<TritonInferRequest>): string {
  const [json = Buffer.alloc(0)] = encodeInferRequest({ ...request, ...extra }, () => 1500).pieces;
  return Buffer.from(json).toString();
}

describe('encodeInferRequest()', () => {
  it('counts the bytes of the JSON, not its characters', () => {
    const { headers, pieces } = encodeInferRequest(request, () => 1000);
    const [json = Buffer.alloc(0)] = pieces;
    expect(headers).toEqual({
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(json.byteLength),
    });
    expect(Buffer.from(json).toString().length).toBeLessThan(json.byteLength);
  });

  it('sends the tensor itself, without copying it', () => {
    const [, tensor] = encodeInferRequest(request, () => 1000).pieces;
    expect(tensor?.buffer).toBe(values.buffer);
  });

  it.each([
    [undefined, { parameters: { binary_data_output: true } }],
    [['scores'], { outputs: [{ name: 'scores', parameters: { binary_data: true } }] }],
    [
      [{ name: 'scores', classification: 3 }],
      { outputs: [{ name: 'scores', parameters: { binary_data: true, classification: 3 } }] },
    ],
    [
      ['boxes', { name: 'scores', sharedMemory: { region: 'out', offset: 64, byteSize: 16 } }],
      {
        outputs: [
          { name: 'boxes', parameters: { binary_data: true } },
          {
            name: 'scores',
            parameters: { shared_memory_region: 'out', shared_memory_offset: 64, shared_memory_byte_size: 16 },
          },
        ],
      },
    ],
    [[], { outputs: [] }],
  ])('asks for the outputs %j', (outputs, wanted) => {
    expect(JSON.parse(jsonOf(outputs === undefined ? {} : { outputs }))).toEqual({
      inputs: [{ name: 'größe', datatype: 'FP32', shape: [1, 4], parameters: { binary_data_size: 16 } }],
      ...wanted,
    });
  });

  it.each<[string, Partial<TritonInferRequest>, string]>([
    ['an id', { id: 'a "quoted" id' }, '{"id":"a \\"quoted\\" id","inputs"'],
    [
      'a position in a sequence',
      { sequence: { id: 2n ** 64n - 1n, start: true } },
      '"parameters":{"sequence_id":18446744073709551615,"sequence_start":true,"sequence_end":false}',
    ],
    [
      'a sequence named by text',
      { sequence: { id: 'camera 1', end: true } },
      '"parameters":{"sequence_id":"camera 1","sequence_start":false,"sequence_end":true}',
    ],
    ['a priority', { priority: 2 }, '"parameters":{"priority":2}'],
    ['a time in the queue, in microseconds', { queueTimeoutMs: 0.5 }, '"parameters":{"timeout":500}'],
    ['what is left of the deadline', { queueTimeoutMs: 'remaining' }, '"parameters":{"timeout":1500000}'],
    [
      'custom parameters, integers with all their digits',
      { parameters: { text: 'ü"', yes: true, half: 0.5, long: 2n ** 63n - 1n, negative: -(2n ** 63n) } },
      '"parameters":{"text":"ü\\"","yes":true,"half":0.5,"long":9223372036854775807,"negative":-9223372036854775808}',
    ],
  ])('sends %s', (_, extra, json) => {
    expect(jsonOf({ outputs: ['scores'], ...extra })).toContain(json);
  });

  it('sends of an input in shared memory where it lies, and no bytes', () => {
    const inputs = {
      shared: { datatype: 'FP32', shape: [2], sharedMemory: { region: 'in', offset: 8, byteSize: 8 } },
      plain: float32Tensor([4], values),
    } as const;
    const { pieces } = encodeInferRequest({ ...request, inputs }, () => 1000);
    const [json = Buffer.alloc(0), ...rest] = pieces;
    expect(JSON.parse(Buffer.from(json).toString())).toMatchObject({
      inputs: [
        {
          name: 'shared',
          datatype: 'FP32',
          shape: [2],
          parameters: { shared_memory_region: 'in', shared_memory_offset: 8, shared_memory_byte_size: 8 },
        },
        { name: 'plain', datatype: 'FP32', shape: [4], parameters: { binary_data_size: 16 } },
      ],
    });
    expect(rest).toHaveLength(1);
  });

  it('announces a tensor without elements', () => {
    const inputs = { none: float32Tensor([0, 4], new Float32Array(0)) };
    expect(jsonOf({ inputs })).toContain(
      '{"name":"none","datatype":"FP32","shape":[0,4],"parameters":{"binary_data_size":0}}',
    );
  });
});

describe('decodeInferResponse()', () => {
  const scores = { name: 'scores', datatype: 'FP32', shape: [1], parameters: { binary_data_size: 4 } };
  const long = { ...scores, name: 'N'.repeat(1e5) };
  const labels = { name: 'labels', datatype: 'BYTES', shape: [1], data: ['face'] };
  const ofText = (text: string, bytes: readonly number[] = []) => {
    const json = Buffer.from(text);
    return { body: Buffer.concat([json, Buffer.from(bytes)]), length: String(json.length) };
  };
  const answer = (outputs: unknown, bytes: number[] = []) => ofText(JSON.stringify({ outputs }), bytes);
  const decoded = (text: string) => decodeInferResponse(request, Buffer.from(text), undefined);

  it('reads binary data and JSON in one answer', () => {
    const { body, length } = answer([labels, scores], [0, 0, 128, 63]);
    expect(decodeInferResponse(request, body, length).outputs).toEqual(
      new Map<string, AnyTensor>([
        ['labels', { datatype: 'BYTES', shape: [1], data: [Buffer.from('face')] }],
        ['scores', float32Tensor([1], Float32Array.of(1))],
      ]),
    );
  });

  it('gives tensors that are views on the body where they lie aligned', () => {
    const { body, length } = answer([scores], [0, 0, 128, 63]);
    const padding = -Number(length) & 7;
    const aligned = Buffer.from(new ArrayBuffer(padding + body.length)).subarray(padding);
    body.copy(aligned);
    const data = decodeInferResponse(request, aligned, length).outputs.get('scores')?.data as Float32Array;
    expect(data.buffer).toBe(aligned.buffer);
  });

  it('tells model, version, id and parameters', () => {
    const text = `{"model_name":"faces","model_version":"2","id":"r-1","outputs":[],
      "parameters":{"text":"a","yes":false,"half":0.5,"integer":7}}`;
    expect(decoded(text)).toEqual({
      model: 'faces',
      version: '2',
      id: 'r-1',
      parameters: { text: 'a', yes: false, half: 0.5, integer: 7 },
      outputs: new Map(),
      sharedOutputs: new Map(),
    });
  });

  it('takes null, as servers in Python write it, for what is absent', () => {
    const text = '{"model_name":"faces","model_version":null,"id":null,"parameters":null,"outputs":[]}';
    expect(decoded(text)).toMatchObject({ version: '', id: '', parameters: {} });
    const output = '{"name":"n","datatype":"FP32","shape":[1],"parameters":null,"data":[0.5]}';
    expect(decoded(`{"outputs":[${output}]}`).outputs.get('n')?.data).toEqual(Float32Array.of(0.5));
  });

  it('passes over parameters that are no single values', () => {
    expect(decoded('{"outputs":[],"parameters":{"headers":{"a":"b"},"list":[1],"none":null,"one":1}}')).toMatchObject({
      parameters: { one: 1 },
    });
  });

  it('says where the server wrote an output that was asked for in shared memory', () => {
    const sharedMemory = { region: 'out', offset: 64, byteSize: 16 };
    const wanted = { ...request, outputs: [{ name: 'scores', sharedMemory }] };
    const { body } = answer([{ name: 'scores', datatype: 'FP32', shape: [4] }]);
    const { outputs, sharedOutputs } = decodeInferResponse(wanted, body, undefined);
    expect(outputs.size).toBe(0);
    expect(sharedOutputs).toEqual(new Map([['scores', { datatype: 'FP32', shape: [4], sharedMemory }]]));
  });

  describe('with integers beyond 2^53', () => {
    it.each([
      ['INT64', '[9223372036854775807,-9223372036854775808]', BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n))],
      ['INT64', '[[9007199254740993],[1]]', BigInt64Array.of(2n ** 53n + 1n, 1n)],
      ['UINT64', '[18446744073709551615,0]', BigUint64Array.of(2n ** 64n - 1n, 0n)],
      // As a number with a fraction it is no integer's digits: what JSON.parse makes of it stays.
      ['FP64', '[1152921504606846976,0.3333333333333333]', Float64Array.of(2 ** 60, 1 / 3)],
      ['BYTES', '["9007199254740993","a \\" 9007199254740993"]', ['9007199254740993', 'a " 9007199254740993']],
    ])('keeps all digits of %s in JSON: %s', (datatype, data, expected) => {
      const other = '{"name":"other","datatype":"INT64","shape":[1],"data":[9007199254740993]}';
      const text = `{"outputs":[${other},{"name":"n","datatype":"${datatype}","shape":[2],"data":${data}}]}`;
      const received = decoded(text).outputs.get('n')?.data;
      expect(Array.isArray(received) ? received.map(String) : received).toEqual(expected);
    });

    it('keeps all digits of parameters, and leaves others numbers', () => {
      const text = `{"outputs":[],"parameters":{"long":9223372036854775807,"low":-9007199254740993,
        "safe":9007199254740991,"huge":1e300,"digits":"9007199254740993"}}`;
      expect(decoded(text).parameters).toEqual({
        long: 2n ** 63n - 1n,
        low: -(2n ** 53n) - 1n,
        safe: 2 ** 53 - 1,
        huge: 1e300,
        digits: '9007199254740993',
      });
    });

    it('brings any 64-bit integers there and back', () => {
      fc.assert(
        fc.property(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { minLength: 1 }), (integers) => {
          const text = `{"outputs":[{"name":"n","datatype":"INT64","shape":[${integers.length}],"data":[${integers.join()}]}]}`;
          expect(decoded(text).outputs.get('n')?.data).toEqual(BigInt64Array.from(integers));
        }),
      );
    });
  });

  it('refuses an answer that is cut at any place', () => {
    const { body, length } = answer([labels, scores], [0, 0, 128, 63]);
    for (let end = 0; end < body.length; end++) {
      for (const header of [length, undefined, String(end)]) {
        const error = serviceErrorThrownBy(() => decodeInferResponse(request, body.subarray(0, end), header));
        expect(error.code).toBe('upstream_error');
      }
    }
  });

  it('answers any bytes with a result or an error that says so', () => {
    const { body, length } = answer([labels, scores], [0, 0, 128, 63]);
    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(body);
        changed[at] = byte;
        try {
          decodeInferResponse(request, changed, length);
        } catch (error) {
          expect(error).toMatchObject({ name: 'ServiceError', code: 'upstream_error' });
        }
      }),
      { numRuns: 500 },
    );
  });

  const sized = (size: unknown) => answer([{ ...scores, parameters: { binary_data_size: size } }], [0, 0, 128, 63]);

  it.each([
    ['bytes beyond the last output', answer([scores], [0, 0, 0, 0, 0]), '1 bytes belong to no output'],
    ['fewer bytes than are announced', answer([scores], [0]), 'the body ends within output scores'],
    ['a huge size', sized(2 ** 52), 'the body ends within output scores'],
    ['a size that no number holds', sized(2 ** 60), 'outputs.0.parameters.binary_data_size: '],
    ['a negative size', sized(-4), 'outputs.0.parameters.binary_data_size: '],
    ['half a byte', sized(0.5), 'outputs.0.parameters.binary_data_size: '],
    ['a size in a string', sized('4'), 'outputs.0.parameters.binary_data_size: '],
    ['another size than the shape has', sized(3), 'output scores has 3 bytes, but FP32 of shape [1] takes 4'],
    [
      'a size given twice, of which the last counts',
      ofText(
        '{"outputs":[{"name":"n","datatype":"UINT8","shape":[2],"parameters":{"binary_data_size":2,"binary_data_size":3}}]}',
        [1, 2],
      ),
      'the body ends within output n',
    ],
    ['an output that comes twice', answer([scores, scores], [0, 0, 0, 0, 0, 0, 0, 0]), 'output scores comes twice'],
    [
      'a long name that comes twice',
      answer([long, long], [0, 0, 0, 0, 0, 0, 0, 0]),
      `output ${'N'.repeat(80)}… comes twice`,
    ],
    ['a length that is none', { ...answer([]), length: 'x' }, 'its JSON ends at "x"'],
    ['a negative length', { ...answer([]), length: '-1' }, 'its JSON ends at "-1"'],
    ['a length in another notation', { ...answer([]), length: '1e1' }, 'its JSON ends at "1e1"'],
    ['an empty length', { ...answer([]), length: '' }, 'its JSON ends at ""'],
    ['a length beyond the body', { ...answer([]), length: '99' }, 'its JSON ends at "99", but the body at 14'],
    ['an endless length', { ...answer([]), length: '9'.repeat(400) }, `its JSON ends at "${'9'.repeat(80)}…"`],
    ['a length of 0', { ...answer([]), length: '0' }, 'it is not JSON'],
    ['what is not JSON', { body: Buffer.from('<html>'), length: undefined }, 'it is not JSON'],
    ['nothing', { body: Buffer.alloc(0), length: undefined }, 'it is not JSON'],
    ['null', ofText('null'), 'Invalid input: expected object, received null'],
    ['a list', ofText('[]'), 'Invalid input: expected object, received array'],
    ['JSON without outputs', ofText('{}'), 'outputs: '],
    ['outputs that are no list', answer({}), 'outputs: '],
    ['an output without a name', answer([{ ...scores, name: undefined }]), 'outputs.0.name: '],
    ['a shape that is none', answer([{ ...scores, shape: 4 }]), 'outputs.0.shape: '],
    ['a shape of strings', answer([{ ...scores, shape: ['1'] }]), 'outputs.0.shape.0: '],
    ['a negative shape', answer([{ ...labels, shape: [-1] }]), 'output labels has the shape [-1]'],
    [
      'a datatype that is none',
      answer([{ ...labels, datatype: 'FP8' }]),
      'output labels has the unknown datatype "FP8"',
    ],
    ['an output without data', answer([{ ...labels, data: undefined }]), 'output labels has no data'],
    ['data that is no list', answer([{ ...labels, data: 'face' }]), 'outputs.0.data: expected an array'],
    ['more values than the shape has', answer([{ ...labels, data: ['a', 'b'] }]), 'output labels has 2 values'],
    [
      'values of another datatype',
      answer([{ ...labels, data: [1] }]),
      'output labels has values that are not of datatype BYTES',
    ],
    [
      'arrays without end',
      ofText(
        `{"outputs":[{"name":"n","datatype":"FP32","shape":[1],"data":${'['.repeat(50_000)}${']'.repeat(50_000)}}]}`,
      ),
      'output n has values that are not of datatype FP32',
    ],
  ])('refuses %s', (_, { body, length }, problem) => {
    expect(() => decodeInferResponse(request, body, length)).toThrow(
      `The predictor's answer for model faces is not valid: ${problem}`,
    );
  });
});
