import fc from 'fast-check';
import { ServiceError } from '../../../src/errors.js';
import { bytesOfTensor } from '../../../src/oip/tensor-bytes.js';
import {
  readInferBody,
  readParsedInferBody,
  type ReadInferRequest,
  readRawBody,
} from '../../../src/server/rest-v2/read-infer-body.js';
import type { AnyTensor } from '../../../src/tensor.js';
import { serviceErrorThrownBy } from '../../helpers/service-error-of.js';

const A = { name: 'a', datatype: 'FP32', shape: [1], data: [1] };

/** Reads a body that is JSON alone. */
function readJson(body: unknown): ReadInferRequest {
  return readInferBody(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), undefined);
}

/** Reads JSON with binary data behind it. */
function readBinary(json: unknown, ...data: readonly Uint8Array[]): ReadInferRequest {
  const head = Buffer.from(JSON.stringify(json));
  return readInferBody(Buffer.concat([head, ...data]), String(head.length));
}

/** An input whose data stand behind the JSON. */
function binaryInput(name: string, tensor: AnyTensor) {
  const { datatype, shape } = tensor;
  return { name, datatype, shape, parameters: { binary_data_size: bytesOfTensor(tensor).length } };
}

const problemOf = (act: () => unknown): string => {
  const { code, message } = serviceErrorThrownBy(act);
  expect(code).toBe('invalid_argument');
  return message;
};

/** Every datatype with values at its edges: as JSON has them, and as they are in memory. */
const TENSORS: readonly (readonly [unknown[], AnyTensor])[] = [
  [[true, false], { datatype: 'BOOL', shape: [2], data: Uint8Array.of(1, 0) }],
  [[0, 255], { datatype: 'UINT8', shape: [2], data: Uint8Array.of(0, 255) }],
  [[0, 65535], { datatype: 'UINT16', shape: [2], data: Uint16Array.of(0, 65535) }],
  [[0, 4294967295], { datatype: 'UINT32', shape: [2], data: Uint32Array.of(0, 4294967295) }],
  [[0, 42], { datatype: 'UINT64', shape: [2], data: BigUint64Array.of(0n, 42n) }],
  [[-128, 127], { datatype: 'INT8', shape: [2], data: Int8Array.of(-128, 127) }],
  [[-32768, 32767], { datatype: 'INT16', shape: [2], data: Int16Array.of(-32768, 32767) }],
  [[-2147483648, 2147483647], { datatype: 'INT32', shape: [2], data: Int32Array.of(-2147483648, 2147483647) }],
  [[-42, 42], { datatype: 'INT64', shape: [2], data: BigInt64Array.of(-42n, 42n) }],
  [[0.5, -3.25], { datatype: 'FP32', shape: [2], data: Float32Array.of(0.5, -3.25) }],
  [[0.1, 1e300], { datatype: 'FP64', shape: [2], data: Float64Array.of(0.1, 1e300) }],
  [['é', ''], { datatype: 'BYTES', shape: [2], data: [Buffer.from('é'), Buffer.alloc(0)] }],
];

describe('readInferBody() of JSON', () => {
  it('takes a dimension of -1 as long as the data make it, as KServe’s examples have it', () => {
    const text = { name: 'a', datatype: 'BYTES', shape: [-1], data: ['é'] };
    const rows = {
      name: 'b',
      datatype: 'FP32',
      shape: [-1, 2],
      data: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    };
    const { request } = readJson({ inputs: [text, rows] });
    expect([...request.inputs.values()].map(({ shape }) => shape)).toEqual([[1], [3, 2]]);
    expect(problemOf(() => readJson({ inputs: [{ ...rows, shape: [-1, 4] }] }))).toBe('input b has the shape [-1,4]');
    expect(problemOf(() => readJson({ inputs: [{ ...rows, shape: [-1, -1] }] }))).toBe('input b has the shape [-1,-1]');
    const binary = binaryInput('c', { datatype: 'FP32', shape: [1], data: Float32Array.of(1) });
    const behind = Buffer.from(Float32Array.of(1).buffer);
    expect(problemOf(() => readBinary({ inputs: [{ ...binary, shape: [-1] }] }, behind))).toBe(
      'input c has the shape [-1]',
    );
  });

  it.each<[string, object, AnyTensor]>([
    [
      'a text by itself',
      { shape: -1, datatype: 'BYTES', data: 'é {"a":1}' },
      { datatype: 'BYTES', shape: [1], data: [Buffer.from('é {"a":1}')] },
    ],
    [
      'a list',
      { shape: -1, datatype: 'INT64', data: [66, 108] },
      { datatype: 'INT64', shape: [2], data: BigInt64Array.of(66n, 108n) },
    ],
    [
      'a nested list',
      { shape: -1, datatype: 'INT32', data: [[1], [2, 3]] },
      { datatype: 'INT32', shape: [3], data: Int32Array.of(1, 2, 3) },
    ],
    ['nothing', { shape: -1, datatype: 'BYTES', data: [] }, { datatype: 'BYTES', shape: [0], data: [] }],
  ])('sees the shape that is left open of %s', (_, input, tensor) => {
    expect(readJson({ inputs: [{ name: 'a', ...input }] }).request.inputs).toEqual(new Map([['a', tensor]]));
  });

  it('keeps all digits of integers whose shape is left open', () => {
    const { request } = readJson('{"inputs":[{"name":"a","shape":-1,"datatype":"INT64","data":[9007199254740993]}]}');
    expect(request.inputs.get('a')?.data).toEqual(BigInt64Array.of(9007199254740993n));
  });

  it.each([
    { shape: -1, datatype: 'INT64', data: 'text' },
    { shape: [-1, -1], datatype: 'INT64', data: [1] },
    { shape: -2, datatype: 'INT64', data: [1] },
    { shape: -1, datatype: 'INT64', parameters: { binary_data_size: 8 } },
    { shape: [1], datatype: 'BYTES', data: 'text' },
  ])('refuses %j', (input) => {
    expect(problemOf(() => readJson({ inputs: [{ name: 'a', ...input }] }))).toMatch(
      /^(inputs\[0\]\.(shape|data): |input "?a)/,
    );
  });

  it.each(TENSORS)('reads %j', (values, tensor) => {
    const { datatype, shape } = tensor;
    const { request } = readJson({ inputs: [{ name: 'a', datatype, shape, data: values }] });
    expect(request.inputs).toEqual(new Map([['a', tensor]]));
  });

  it.each([
    ['flat', [1, 2, 3, 4, 5, 6]],
    [
      'nested as its shape',
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    [
      'nested otherwise',
      [
        [[1], [2]],
        [3, 4, 5, 6],
      ],
    ],
  ])('reads data that are %s', (_, data) => {
    const { request } = readJson({ inputs: [{ name: 'a', datatype: 'INT32', shape: [2, 3], data }] });
    expect(request.inputs.get('a')).toEqual({
      datatype: 'INT32',
      shape: [2, 3],
      data: Int32Array.of(1, 2, 3, 4, 5, 6),
    });
  });

  it('reads 64-bit integers beyond 2^53 with all their digits, also nested and behind a byte order mark', () => {
    const inputs =
      '{"name":"a","datatype":"INT64","shape":[1,2],"data":[[-9223372036854775808,9007199254740993]]},' +
      '{"name":"b","datatype":"UINT64","shape":[1],"data":[18446744073709551615]}';
    const { request } = readJson(`\ufeff{"inputs":[${inputs}]}`);
    expect(request.inputs.get('a')?.data).toEqual(BigInt64Array.of(-9223372036854775808n, 9007199254740993n));
    expect(request.inputs.get('b')?.data).toEqual(BigUint64Array.of(18446744073709551615n));
  });

  it('gives id, outputs and parameters as they came, numbers with all their digits', () => {
    const parameters = '"sequence_id":9007199254740993,"priority":1,"share":0.5,"text":"a","flag":true,"list":[1]';
    const { request } = readJson(
      `{"id":"42","inputs":[],"outputs":[{"name":"x"},{"name":"y","parameters":{"classification":3}}],` +
        `"parameters":{${parameters},"binary_data_output":true}}`,
    );
    expect(request).toEqual({
      id: '42',
      inputs: new Map(),
      outputs: ['x', { name: 'y', classification: 3 }],
      parameters: { sequence_id: 9007199254740993n, priority: 1, share: 0.5, text: 'a', flag: true },
    });
  });

  it('takes null, and empty lists and objects, for what is not there', () => {
    const absent = { id: null, outputs: [], parameters: {} };
    const { request } = readJson({ ...absent, inputs: [{ ...A, parameters: null }] });
    expect(Object.keys(request)).toEqual(['inputs']);
    expect(readJson({ inputs: [], outputs: null, parameters: null }).request).toEqual({ inputs: new Map() });
  });

  it('keeps an empty id', () => {
    expect(readJson({ id: '', inputs: [] }).request.id).toBe('');
  });

  it('passes over keys it does not know', () => {
    const { request } = readJson({ model_name: 'x', inputs: [{ ...A, more: 1, parameters: { other: 2 } }] });
    expect(request.inputs.size).toBe(1);
  });

  it('changes no prototype', () => {
    readJson(
      '{"__proto__":{"polluted":1},"inputs":[{"__proto__":{"polluted":1},"name":"__proto__","datatype":"FP32","shape":[1],' +
        '"data":[1],"parameters":{"__proto__":{"polluted":1}}}],"parameters":{"__proto__":"polluted"}}',
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it.each([
    ['an id that is no text', { id: 7, inputs: [] }, 'id: expected string, received number'],
    ['no inputs', {}, 'inputs: expected array, received undefined'],
    ['inputs that are no list', { inputs: { a: A } }, 'inputs: expected array, received object'],
    ['an input that is no object', { inputs: [A, 1] }, 'inputs[1]: expected object, received number'],
    ['an input without a name', { inputs: [{ ...A, name: undefined }] }, 'inputs[0].name: expected string'],
    ['an input without a datatype', { inputs: [{ ...A, datatype: undefined }] }, 'inputs[0].datatype: expected string'],
    [
      'an input without a shape',
      { inputs: [{ ...A, shape: undefined }] },
      'inputs[0].shape: expected an array of whole numbers from 0 to 2^53 - 1',
    ],
    [
      'a dimension below 0',
      { inputs: [{ ...A, shape: [-2] }] },
      'inputs[0].shape: expected an array of whole numbers from 0 to 2^53 - 1',
    ],
    ['half a dimension', { inputs: [{ ...A, shape: [0.5] }] }, 'inputs[0].shape: expected an array of whole numbers'],
    [
      'a dimension in words',
      { inputs: [{ ...A, shape: ['1'] }] },
      'inputs[0].shape: expected an array of whole numbers',
    ],
    [
      'a dimension beyond 2^53',
      { inputs: [{ ...A, shape: [2 ** 60] }] },
      'inputs[0].shape: expected an array of whole',
    ],
    ['an unknown datatype', { inputs: [{ ...A, datatype: 'FP8' }] }, 'input a has the unknown datatype "FP8"'],
    ['a prototype’s name as datatype', { inputs: [{ ...A, datatype: 'toString' }] }, 'unknown datatype "toString"'],
    ['no data', { inputs: [{ ...A, data: undefined }] }, 'input "a" has neither data nor binary_data_size'],
    ['null data', { inputs: [{ ...A, data: null }] }, 'input "a" has neither data nor binary_data_size'],
    ['data that are no list', { inputs: [{ ...A, data: 1 }] }, 'inputs[0].data: expected an array'],
    ['too few data', { inputs: [{ ...A, shape: [2] }] }, 'input a has 1 values, but shape [2] holds 2'],
    ['too many data', { inputs: [{ ...A, shape: [0] }] }, 'input a has 1 values, but shape [0] holds 0'],
    [
      'a shape of far more elements than there are',
      { inputs: [{ ...A, shape: [100_000, 100_000] }] },
      'input a has 1 values, but shape [100000,100000] holds 10000000000',
    ],
    ['values of another type', { inputs: [{ ...A, data: ['secret'] }] }, 'not of datatype FP32: [0] is string'],
    ['a value out of range', { inputs: [{ ...A, datatype: 'UINT8', data: [300] }] }, 'of datatype UINT8: [0] is 300'],
    ['NaN, as JSON has it', { inputs: [{ ...A, data: [null] }] }, 'of datatype FP32: [0] is null'],
    ['two inputs of one name', { inputs: [A, A] }, 'inputs[1]: "a" comes twice'],
    ['outputs that are no list', { inputs: [A], outputs: {} }, 'outputs: expected array, received object'],
    ['an output without a name', { inputs: [A], outputs: [{}] }, 'outputs[0].name: expected string'],
    [
      'binary_data that is neither true nor false',
      { inputs: [A], outputs: [{ name: 'x', parameters: { binary_data: 1 } }] },
      'outputs[0].parameters.binary_data: expected boolean, received number',
    ],
    [
      'binary_data_output that is neither true nor false',
      { inputs: [A], parameters: { binary_data_output: 'true' } },
      'parameters.binary_data_output: expected boolean, received string',
    ],
    [
      'classification into none',
      { inputs: [A], outputs: [{ name: 'x', parameters: { classification: 0 } }] },
      'outputs[0].parameters.classification: Too small',
    ],
    ['parameters that are no object', { inputs: [A], parameters: [1] }, 'parameters: expected object, received array'],
    [
      'an input in shared memory',
      { inputs: [{ ...A, parameters: { shared_memory_region: 'r' } }] },
      'input "a": shared memory regions cannot be used through this server; send the data',
    ],
    [
      'an output in shared memory',
      { inputs: [A], outputs: [{ name: 'x', parameters: { shared_memory_region: 'r' } }] },
      'output "x": shared memory regions cannot be used through this server; send the data',
    ],
    [
      'binary data without their header',
      { inputs: [{ ...A, parameters: { binary_data_size: 4 } }] },
      'inputs[0]: the body ends within the binary data of "a"',
    ],
  ])('refuses %s', (_, body, message) => {
    expect(problemOf(() => readJson(body))).toContain(message);
  });

  it.each(['FP16', 'BF16'])('refuses %s in Triton’s words', (datatype) => {
    expect(problemOf(() => readJson({ inputs: [{ ...A, datatype }] }))).toBe(
      `receiving ${datatype} data via JSON is not supported. Please use the binary data format for input a`,
    );
  });

  it.each([
    ['10,001 inputs', { inputs: Array(10_001).fill(1) }, 'inputs: has 10001 entries, more than 10000'],
    ['10,001 outputs', { inputs: [], outputs: Array(10_001).fill(1) }, 'outputs: has 10001 entries, more than 10000'],
    [
      '10,001 parameters',
      { inputs: [], parameters: Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [i, i])) },
      'parameters: has 10001 entries, more than 10000',
    ],
    [
      'a million wrong dimensions',
      { inputs: [{ ...A, shape: Array(1_000_000).fill(-2) }] },
      'inputs[0].shape: expected an array of whole numbers from 0 to 2^53 - 1',
    ],
    ['a million dimensions', { inputs: [{ ...A, shape: Array(1_000_000).fill(1) }] }, 'input a has the shape [1,1,1,'],
    ['a long name', { inputs: [{ ...A, name: 'n'.repeat(1e6), shape: [2] }] }, `input ${'n'.repeat(80)}… has 1 values`],
    ['a long datatype', { inputs: [{ ...A, datatype: 'D'.repeat(1e6) }] }, 'input a has the unknown datatype "DDD'],
  ])('refuses %s in few words', (_, body, message) => {
    const problem = problemOf(() => readJson(body));
    expect(problem).toContain(message);
    expect(problem.length).toBeLessThan(300);
  });
});

describe('readInferBody() with binary data', () => {
  const every: readonly AnyTensor[] = [
    ...TENSORS.map(([, tensor]) => tensor),
    { datatype: 'FP16', shape: [1, 2], data: Uint16Array.of(0x3c00, 0xfc00) },
    { datatype: 'BF16', shape: [2], data: Uint16Array.of(0x3f80, 0xff80) },
    { datatype: 'BYTES', shape: [1], data: [Buffer.of(0xff, 0x00)] },
    { datatype: 'FP64', shape: [0, 3], data: new Float64Array(0) },
    { datatype: 'BYTES', shape: [0], data: [] },
  ];

  it.each(every)('reads $datatype of shape $shape', (tensor) => {
    const { request } = readBinary({ inputs: [binaryInput('a', tensor)] }, bytesOfTensor(tensor));
    expect(request.inputs).toEqual(new Map([['a', tensor]]));
  });

  it('reads inputs one after the other, JSON’s between them, wherever they lie', () => {
    const inputs = every.map((tensor, index) => binaryInput(`input ${index}`, tensor));
    const json = { inputs: [...inputs.slice(0, 3), A, ...inputs.slice(3)] };
    const { request } = readBinary(json, ...every.map(bytesOfTensor));
    for (const [index, tensor] of every.entries()) expect(request.inputs.get(`input ${index}`)).toEqual(tensor);
    expect(request.inputs.get('a')?.data).toEqual(Float32Array.of(1));
  });

  it('takes the length of the JSON in bytes, not in characters', () => {
    const tensor: AnyTensor = { datatype: 'UINT8', shape: [1], data: Uint8Array.of(7) };
    expect(readBinary({ id: '€é', inputs: [binaryInput('ü', tensor)] }, Buffer.of(7)).request).toEqual({
      id: '€é',
      inputs: new Map([['ü', tensor]]),
    });
  });

  it('prefers the binary data where there are both', () => {
    const input = { ...A, datatype: 'UINT8', data: [1], parameters: { binary_data_size: 1 } };
    expect(readBinary({ inputs: [input] }, Buffer.of(7)).request.inputs.get('a')?.data).toEqual(Uint8Array.of(7));
  });

  const two = { inputs: [{ name: 'a', datatype: 'FP32', shape: [2], parameters: { binary_data_size: 8 } }] };
  const sized = (size: unknown, more = {}) => ({
    inputs: [{ ...two.inputs[0], ...more, parameters: { binary_data_size: size } }],
  });

  it.each([
    ['too few bytes', two, 7, 'inputs[0]: the body ends within the binary data of "a"'],
    ['bytes behind the last input', two, 9, '1 bytes of the body belong to no input'],
    ['fewer bytes than the shape', sized(4), 4, 'input a has 4 bytes, but FP32 of shape [2] takes 8'],
    ['more bytes than the shape', sized(12), 12, 'input a has 12 bytes, but FP32 of shape [2] takes 8'],
    ['a size below 0', sized(-1), 8, 'inputs[0].parameters.binary_data_size: Too small'],
    ['half a size', sized(7.5), 8, 'inputs[0].parameters.binary_data_size: expected int, received number'],
    ['a size in words', sized('8'), 8, 'inputs[0].parameters.binary_data_size: expected number, received string'],
    ['a size beyond all bodies', sized(2 ** 53 - 1), 8, 'inputs[0]: the body ends within the binary data of "a"'],
    ['a size of 0', sized(0), 0, 'input a has 0 bytes, but FP32 of shape [2] takes 8'],
    [
      'BYTES of no length',
      sized(8, { datatype: 'BYTES', shape: [3] }),
      8,
      'input a has 8 bytes, but BYTES of shape [3]',
    ],
    ['BYTES with more behind them', sized(8, { datatype: 'BYTES', shape: [1] }), 8, 'takes 4 for its 1 elements'],
    ['one BYTES element that is cut', sized(6, { datatype: 'BYTES', shape: [1] }), 6, 'input a ends within element 0'],
  ])('refuses %s', (name, json, length, message) => {
    const data = Buffer.alloc(length);
    if (name.startsWith('one')) data[0] = 3;
    expect(problemOf(() => readBinary(json, data))).toContain(message);
  });

  it('refuses more elements of BYTES than a body of JSON may have strings, before it makes any', () => {
    const half = { datatype: 'BYTES', shape: [500_001], parameters: { binary_data_size: 2_000_004 } };
    const json = { inputs: ['a', 'b'].map((name) => ({ name, ...half })) };
    const data = Buffer.alloc(2 * half.parameters.binary_data_size);
    expect(problemOf(() => readBinary(json, data))).toBe(
      'the inputs have 1000002 elements of BYTES, more than 1000000',
    );
  });

  it.each([
    ['abc', 'received "abc"'],
    ['', 'received ""'],
    ['-1', 'received "-1"'],
    ['1e1', 'received "1e1"'],
    ['0x10', 'received "0x10"'],
    ['13', 'at most the body\'s 12; received "13"'],
    ['9'.repeat(400), 'received "9999'],
    ['12, 12', 'received "12, 12"'],
  ])('refuses the header %j', (header, message) => {
    const problem = problemOf(() => readInferBody(Buffer.from('{"inputs":[]'), header));
    expect(problem).toContain('Inference-Header-Content-Length must be a number of bytes');
    expect(problem).toContain(message);
    expect(problem.length).toBeLessThan(250);
  });

  it('refuses a body that is cut at any byte, and one with any byte more', () => {
    const tensors: AnyTensor[] = [
      { datatype: 'BYTES', shape: [2], data: [Buffer.from('ab'), Buffer.alloc(0)] },
      { datatype: 'INT64', shape: [1], data: BigInt64Array.of(7n) },
    ];
    const head = Buffer.from(
      JSON.stringify({ inputs: tensors.map((tensor, index) => binaryInput(`${index}`, tensor)) }),
    );
    const body = Buffer.concat([head, ...tensors.map(bytesOfTensor)]);
    expect(readInferBody(body, String(head.length)).request.inputs.size).toBe(2);
    for (let length = 0; length < body.length; length++) {
      problemOf(() => readInferBody(body.subarray(0, length), String(head.length)));
      if (length !== head.length) problemOf(() => readInferBody(body, String(length)));
    }
    problemOf(() => readInferBody(Buffer.concat([body, Buffer.of(0)]), String(head.length)));
  });

  it('answers any JSON under any header with a request or with invalid_argument', () => {
    const input = fc.record(
      {
        name: fc.oneof(fc.constantFrom('a', 'b', '__proto__'), fc.jsonValue()),
        datatype: fc.oneof(fc.constantFrom('FP32', 'INT64', 'BYTES', 'BOOL', 'FP16'), fc.jsonValue()),
        shape: fc.oneof(fc.array(fc.nat(4), { maxLength: 3 }), fc.jsonValue()),
        data: fc.oneof(fc.array(fc.oneof(fc.integer(), fc.string(), fc.boolean())), fc.jsonValue()),
        parameters: fc.oneof(fc.record({ binary_data_size: fc.nat(20) }), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    const request = fc.oneof(
      fc.record({ inputs: fc.array(input, { maxLength: 3 }), outputs: fc.jsonValue(), parameters: fc.jsonValue() }),
      fc.jsonValue(),
    );
    const isKnown = (act: () => unknown) => {
      try {
        act();
      } catch (error) {
        return error instanceof ServiceError && error.code === 'invalid_argument';
      }
      return true;
    };
    fc.assert(
      fc.property(request, fc.uint8Array({ maxLength: 40 }), fc.integer({ min: -5, max: 5 }), (json, data, shift) => {
        const head = Buffer.from(JSON.stringify(json));
        const body = Buffer.concat([head, data]);
        return (
          isKnown(() => readInferBody(body, String(head.length + shift))) &&
          isKnown(() => readInferBody(body, undefined))
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe('what a client wants as binary data', () => {
  const choice = (outputs: unknown, parameters: unknown) => readJson({ inputs: [], outputs, parameters }).isBinary;
  const x = (parameters?: object) => [{ name: 'x', parameters }];

  it.each([
    ['nothing said', undefined, undefined, false],
    ['all', undefined, { binary_data_output: true }, true],
    ['none', undefined, { binary_data_output: false }, false],
    ['this one', x({ binary_data: true }), undefined, true],
    ['this one of none', x({ binary_data: true }), { binary_data_output: false }, true],
    ['all but this one', x({ binary_data: false }), { binary_data_output: true }, false],
    ['all, and of this one nothing said', x({}), { binary_data_output: true }, true],
    ['all, and of this one no parameters', x(), { binary_data_output: true }, true],
    ['another one', [{ name: 'y', parameters: { binary_data: true } }], undefined, false],
  ])('is read from the request: %s', (_, outputs, parameters, isBinary) => {
    expect(choice(outputs, parameters)('x')).toBe(isBinary);
  });
});

describe('readParsedInferBody()', () => {
  it('keeps the digits that were lost when the body was parsed', () => {
    const text = '\ufeff{"inputs":[{"name":"a","datatype":"INT64","shape":[1],"data":[9007199254740993]}]}';
    const value = JSON.parse(text.slice(1)) as Record<string, unknown>;
    expect(readParsedInferBody(Buffer.from(text), value).request.inputs.get('a')?.data).toEqual(
      BigInt64Array.of(9007199254740993n),
    );
  });
});

describe('readRawBody()', () => {
  const model = (shape: readonly number[], datatype: AnyTensor['datatype'] = 'FP32') => ({
    name: 'm',
    inputs: [{ name: 'a', datatype, shape }],
  });
  const floats = (length: number) => Buffer.from(new Uint8Array(Float32Array.from({ length }, (_, i) => i).buffer));

  it.each([
    [[3], [3]],
    [[-1], [6]],
    [
      [-1, 6],
      [1, 6],
    ],
    [
      [-1, -1],
      [1, 6],
    ],
    [
      [-1, 2, -1],
      [1, 2, 3],
    ],
    [
      [2, -1],
      [2, 3],
    ],
    [[], []],
  ])('makes a tensor of the shape %j', (known, shape) => {
    const length = shape.reduce((product, dim) => product * dim, 1);
    const { request, isBinary } = readRawBody(floats(length), model(known));
    expect(request.inputs.get('a')).toEqual({
      datatype: 'FP32',
      shape,
      data: Float32Array.from({ length }, (_, i) => i),
    });
    expect(isBinary('any')).toBe(true);
  });

  it.each([
    [[-1], [1]],
    [[1], [1]],
    [
      [-1, 1],
      [1, 1],
    ],
    [
      [-1, -1],
      [1, 1],
    ],
  ])('makes one element of BYTES, whatever it holds, of the shape %j', (known, shape) => {
    const body = Buffer.of(0xff, 0xd8);
    expect(readRawBody(body, model(known, 'BYTES')).request.inputs.get('a')).toEqual({
      datatype: 'BYTES',
      shape,
      data: [body],
    });
  });

  it.each([
    ['a model of no input', { name: 'm', inputs: [] }, 'A raw binary request needs a model of one input; "m" has 0'],
    [
      'a model of two inputs',
      { name: 'm', inputs: [...model([1]).inputs, ...model([1]).inputs] },
      'A raw binary request needs a model of one input; "m" has 2',
    ],
    ['too few bytes', model([-1, 3]), 'input a has 8 bytes, but FP32 of shape [1,3] takes 12'],
    ['bytes that fill no row', model([-1, 4, -1]), 'input a has 8 bytes, but FP32 of shape [1,4,0] takes 0'],
    ['part of an element', model([-1], 'FP64'), 'input a has 9 bytes, but FP64 of shape [1] takes 8'],
    ['an input of no elements', model([-1, 0, -1]), 'input a has 8 bytes, but FP32 of shape [1,0,2] takes 0'],
    [
      'two open dimensions beside the batch',
      model([-1, -1, -1]),
      'A raw binary request needs an input with one open dimension at most beside the batch; "a" takes [-1,-1,-1]',
    ],
    [
      'an input of several elements of BYTES',
      model([-1, 2], 'BYTES'),
      'A raw binary request is one element of BYTES; "a" takes [1,2]',
    ],
  ])('refuses %s', (name, info, message) => {
    const body = name === 'part of an element' ? Buffer.alloc(9) : floats(2);
    expect(problemOf(() => readRawBody(body, info))).toBe(message);
  });
});
