import type { MethodDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import fc from 'fast-check';
import {
  decodeInferResponse,
  decodeStreamResponse,
  encodeInferRequest,
  piecesOfInferRequest,
} from '../../../../src/predictor/triton/grpc/infer-codec.js';
import type {
  InferRequestMessage,
  InferResponseMessage,
  ParameterMessage,
} from '../../../../src/predictor/triton/grpc/inference-rpcs.js';

type General = MethodDefinition<object, object>;

/** The general (de)serialisers of the proto: what the hand-written ones are held against. */
const general = loadSync('protos/grpc_service.proto', { keepCase: true, longs: String, defaults: true })[
  'inference.GRPCInferenceService'
] as unknown as { ModelInfer: General; ModelStreamInfer: General };

/** What Triton 2.51 answers for its model `copy` to the values 1, -2.5 and 3e9 with the id `call-7`. */
const CAPTURED = Buffer.from(
  '0a04636f70791201311a0663616c6c2d372a120a074f5554505554301204465033321a0103320c0000803f000020c05ed0324f',
  'hex',
);

const NAMES = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 200 }));
const INT64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const UINT64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const DIMS = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.maxSafeNat());
const BYTES = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 120, maxLength: 300 }));

const PARAMETER: fc.Arbitrary<ParameterMessage> = fc.oneof(
  fc.boolean().map((bool_param) => ({ bool_param })),
  INT64.map((value) => ({ int64_param: String(value) })),
  fc.maxSafeInteger().map((int64_param) => ({ int64_param })),
  NAMES.map((string_param) => ({ string_param })),
  fc.double().map((double_param) => ({ double_param })),
  UINT64.map((value) => ({ uint64_param: String(value) })),
);
const PARAMETERS = fc.dictionary(NAMES, PARAMETER, { maxKeys: 3, noNullPrototype: true });
const TENSOR = { name: NAMES, datatype: NAMES, shape: fc.array(DIMS, { maxLength: 6 }), parameters: PARAMETERS };
const HEAD = { model_name: NAMES, model_version: NAMES, id: NAMES, parameters: PARAMETERS };

const REQUEST: fc.Arbitrary<InferRequestMessage> = fc.record({
  ...HEAD,
  inputs: fc.array(fc.record(TENSOR), { maxLength: 3 }),
  outputs: fc.array(fc.record({ name: NAMES, parameters: PARAMETERS }), { maxLength: 3 }),
  raw_input_contents: fc.array(BYTES, { maxLength: 3 }),
});

const CONTENTS = fc.record(
  {
    bool_contents: fc.array(fc.boolean(), { minLength: 1 }),
    int_contents: fc.array(fc.integer(), { minLength: 1 }),
    int64_contents: fc.array(INT64.map(String), { minLength: 1 }),
    uint_contents: fc.array(fc.nat({ max: 2 ** 32 - 1 }), { minLength: 1 }),
    uint64_contents: fc.array(UINT64.map(String), { minLength: 1 }),
    fp32_contents: fc.array(fc.float(), { minLength: 1 }),
    fp64_contents: fc.array(fc.double(), { minLength: 1 }),
    bytes_contents: fc.array(
      BYTES.map((bytes) => Buffer.from(bytes)),
      { minLength: 1 },
    ),
  },
  { requiredKeys: [], noNullPrototype: true },
);

/** How many values the shape of an output with such contents has to hold. */
const longestOf = (contents: object): number =>
  Math.max(0, ...Object.values(contents).map((list: readonly unknown[]) => list.length));

const RESPONSE: fc.Arbitrary<InferResponseMessage> = fc.record({
  ...HEAD,
  outputs: fc.array(
    fc
      .record({ ...TENSOR, contents: fc.option(CONTENTS) })
      .map((output) => (output.contents === null ? output : { ...output, shape: [longestOf(output.contents)] })),
    { maxLength: 3 },
  ),
  raw_output_contents: fc.array(
    BYTES.map((bytes) => Buffer.from(bytes)),
    { maxLength: 3 },
  ),
});

const EMPTY_REQUEST: InferRequestMessage = {
  model_name: '',
  model_version: '',
  id: '',
  parameters: {},
  inputs: [],
  outputs: [],
  raw_input_contents: [],
};

/** As an answer is read: 64-bit parameters by their digits. */
const withDigits = (parameters: InferResponseMessage['parameters']) =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => {
      return [name, value.int64_param === undefined ? value : { int64_param: String(value.int64_param) }];
    }),
  );

/** A field of bytes, a string or a message, of less than 128 bytes. */
const delimited = (field: number, ...content: number[]) => [field * 8 + 2, content.length, ...content];

/** Fields of every wire type that no message of inference has. */
const UNKNOWN_FIELDS = [
  ...[0x78, 0xff, 0xff, 0x03], // 15: varint 65535
  ...[0x79, 1, 2, 3, 4, 5, 6, 7, 8], // 15: 64 bits
  ...delimited(15, 1, 2, 3),
  ...[0x7b, 0x08, 0x01, 0x13, 0x08, 0x01, 0x14, 0x7c], // 15: a group with a field and a group in it
  ...[0x7d, 1, 2, 3, 4], // 15: 32 bits
];

/** What reading comes to: the message, or that it is refused. */
const outcomeOf = (read: () => object) => {
  try {
    return read();
  } catch (error) {
    return error instanceof RangeError ? 'refused' : String(error);
  }
};

const output = (...fields: number[]) => delimited(5, ...fields);
const MORE_THAN_1 = 'field 2 has more than 1 values';
const MORE_BYTES_THAN_1 = 'field 8 has more than 1 values';

const response = (...bytes: number[]) => decodeInferResponse(Buffer.from(bytes));

describe('encodeInferRequest()', () => {
  it('writes what the general writer writes', () => {
    fc.assert(
      fc.property(REQUEST, (message) => {
        const { requestDeserialize, requestSerialize } = general.ModelInfer;
        expect(requestDeserialize(encodeInferRequest(message))).toEqual(requestDeserialize(requestSerialize(message)));
      }),
    );
  });
});

describe('piecesOfInferRequest()', () => {
  it('holds large contents as they are, and copies of small ones, in their order', () => {
    const large = [new Uint8Array(100_000).fill(1), new Uint8Array(70_000).fill(2)] as const;
    const raw_input_contents = [large[0], Uint8Array.of(3, 4), large[1]];
    const message = { ...EMPTY_REQUEST, model_name: 'm', raw_input_contents };
    const pieces = piecesOfInferRequest(message);
    expect(pieces.filter((piece) => large.some((contents) => contents === piece))).toEqual(large);
    const { requestDeserialize, requestSerialize } = general.ModelInfer;
    expect(requestDeserialize(Buffer.concat(pieces))).toEqual(requestDeserialize(requestSerialize(message)));
    expect(encodeInferRequest(message)).toEqual(Buffer.concat(pieces));
  });

  it('makes one piece of a request with small tensors', () => {
    expect(piecesOfInferRequest({ ...EMPTY_REQUEST, raw_input_contents: [new Uint8Array(1000)] })).toHaveLength(1);
  });
});

describe('decodeInferResponse()', () => {
  it('reads what the general writer writes', () => {
    fc.assert(
      fc.property(RESPONSE, (message) => {
        const outputs = message.outputs.map((output) => ({ ...output, parameters: withDigits(output.parameters) }));
        expect(decodeInferResponse(general.ModelInfer.responseSerialize(message))).toEqual({
          ...message,
          parameters: withDigits(message.parameters),
          outputs,
        });
      }),
    );
  });

  it('reads an answer of a real Triton, whose contents are a view on it', () => {
    const { raw_output_contents: raw, ...rest } = decodeInferResponse(CAPTURED);
    expect(rest).toEqual({
      model_name: 'copy',
      model_version: '1',
      id: 'call-7',
      parameters: {},
      outputs: [{ name: 'OUTPUT0', datatype: 'FP32', shape: [3], parameters: {}, contents: null }],
    });
    expect(raw).toEqual([Buffer.from(Float32Array.of(1, -2.5, 3e9).buffer)]);
    expect(raw[0]?.buffer).toBe(CAPTURED.buffer);
  });

  it('reads an empty message', () => {
    expect(response()).toEqual({
      model_name: '',
      model_version: '',
      id: '',
      parameters: {},
      outputs: [],
      raw_output_contents: [],
    });
  });

  it('passes over unknown fields of every kind, wherever they stand', () => {
    const entry = delimited(4, ...UNKNOWN_FIELDS, ...delimited(1, 0x70), ...delimited(2, 0x08, 1, ...UNKNOWN_FIELDS));
    const contents = delimited(5, ...UNKNOWN_FIELDS, ...delimited(2, 5));
    const output = delimited(5, ...delimited(1, 0x6f), ...UNKNOWN_FIELDS, ...contents);
    expect(response(...UNKNOWN_FIELDS, ...entry, ...output, ...UNKNOWN_FIELDS)).toMatchObject({
      parameters: { p: { bool_param: true } },
      outputs: [{ name: 'o', contents: { int_contents: [5] } }],
    });
  });

  it('reads repeated numbers one by one, packed, and both in one message', () => {
    const output = delimited(5, 0x18, 1, ...delimited(3, 2, 0x80, 0x01), 0x18, 3, ...delimited(3));
    expect(response(...output)).toMatchObject({ outputs: [{ shape: [1, 2, 128, 3] }] });
  });

  it('adds up contents that come in two parts, and keeps the later of two values', () => {
    const contents = [...delimited(5, ...delimited(2, 5)), ...delimited(5, 0x10, 6)];
    const twice = [...delimited(3, 0x61), ...delimited(3, 0x62)];
    // The shape stands behind them, as it may.
    expect(response(...twice, ...delimited(5, ...contents, 0x18, 2))).toMatchObject({
      id: 'b',
      outputs: [{ contents: { int_contents: [5, 6] } }],
    });
  });

  it('keeps a parameter of any name and of no value', () => {
    const name = [...Buffer.from('__proto__')];
    const parameters = response(...delimited(4, ...delimited(1, ...name)), ...delimited(4)).parameters;
    expect(Object.entries(parameters)).toEqual([
      ['__proto__', {}],
      ['', {}],
    ]);
  });

  it('takes a dimension of more than 2^53 as a bigint, and one of ten bytes as negative', () => {
    const huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    const minusOne = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    expect(response(...delimited(5, ...delimited(3, ...huge, ...minusOne)))).toMatchObject({
      outputs: [{ shape: [2n ** 63n - 1n, -1] }],
    });
  });

  it('refuses a message that ends within a field, at every byte', () => {
    const fields = {
      model_name: 'm',
      parameters: { p: { int64_param: '9007199254740993' } },
      outputs: [{ name: 'o', shape: [1, 300], contents: { fp64_contents: [1], fp32_contents: [2] } }],
      raw_output_contents: [Buffer.alloc(200)],
    };
    const { responseSerialize } = general.ModelInfer;
    const whole = responseSerialize(fields);
    const ends = Object.keys(fields).map((_, index, names) => {
      const first = names.slice(0, index + 1);
      return responseSerialize(Object.fromEntries(Object.entries(fields).filter(([name]) => first.includes(name))))
        .length;
    });
    const readable = Array.from(whole, (_, index) => index + 1).filter((length) => {
      // In memory of its own, with more bytes behind it, as a message in a larger buffer.
      const part = Buffer.from(whole).subarray(0, length);
      return outcomeOf(() => decodeInferResponse(part)) !== 'refused';
    });
    expect(readable).toEqual(ends);
  });

  it('reads or refuses any bytes, and does nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const outcome = outcomeOf(() => decodeInferResponse(Buffer.from(bytes)));
        expect(typeof outcome === 'object' || outcome === 'refused').toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['a length beyond the end', [0x0a, 5, 0x61], 'the message ends within a field'],
    ['a length of 2^64-1', [0x0a, ...Array<number>(9).fill(0xff), 0x01], 'the message ends within a field'],
    [
      'a name that goes on behind its output',
      [...delimited(5, 0x0a, 3, 0x6f), ...delimited(3, 0x61)],
      'the message ends within a field',
    ],
    ['an integer that does not end', [0x78, ...Array<number>(11).fill(0xff)], 'an integer has more than 10 bytes'],
    ['field 0', [0x02, 0], 'the number of a field is out of its range'],
    ['a name that is a number', [0x08, 1], 'field 1 has the wire type 0'],
    ['the end of a group that has not begun', [0x7c], 'field 15 has the wire type 4'],
    ['a group without an end', [0x7b, 0x08, 1], 'the message ends within a group'],
    ['groups in groups without number', Array<number>(200).fill(0x7b), 'groups are nested more than 100 deep'],
    ['a wire type that there is not', [0x7e], 'field 15 has the wire type 6'],
    ['more typed values than the shape holds', output(0x18, 1, ...delimited(5, 0x10, 5, 0x10, 6)), MORE_THAN_1],
    ['more packed values than that', output(0x18, 1, ...delimited(5, ...delimited(2, 5, 6))), MORE_THAN_1],
    ['more elements of BYTES than that', output(0x18, 1, ...delimited(5, 0x42, 0, 0x42, 0)), MORE_BYTES_THAN_1],
    ['more of them in two parts', output(0x18, 1, ...delimited(5, 0x10, 5), ...delimited(5, 0x10, 6)), MORE_THAN_1],
    ['101 dimensions', output(...delimited(3, ...Array<number>(101).fill(1))), 'field 3 has more than 100 values'],
    ['a packed list that ends within a number', delimited(5, 0x1a, 1, 0x80), 'the message ends within a field'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => response(...bytes)).toThrow(new RangeError(message));
  });

  it.each([
    ['raw contents', [0x32, 0]],
    ['outputs', [0x2a, 0]],
    ['parameters', [0x22, 0]],
    ['parameters of outputs', [0x2a, 4, 0x22, 0, 0x22, 0]],
    ["parts of outputs' contents", [0x2a, 4, 0x2a, 0, 0x2a, 0]],
  ])('takes thousands of %s, and refuses more than 10,000 parts', (_, part) => {
    const partsOf = (times: number) => Buffer.concat(Array<Buffer>(times).fill(Buffer.from(part)));
    const perPart = part.length === 2 ? 1 : 3;
    const most = Math.floor(10_000 / perPart);
    expect(() => decodeInferResponse(partsOf(most))).not.toThrow();
    expect(() => decodeInferResponse(partsOf(most + 1))).toThrow(
      new RangeError('the answer has more than 10000 parts'),
    );
  });
});

describe('decodeStreamResponse()', () => {
  it('reads what the general writer writes', () => {
    fc.assert(
      fc.property(NAMES, fc.option(RESPONSE), (error_message, infer_response) => {
        const bytes = general.ModelStreamInfer.responseSerialize({ error_message, infer_response });
        const inner = infer_response && general.ModelInfer.responseSerialize(infer_response);
        expect(decodeStreamResponse(bytes)).toEqual({
          error_message,
          infer_response: inner && decodeInferResponse(inner),
        });
      }),
    );
  });

  it('passes over unknown fields', () => {
    const bytes = Buffer.from([...UNKNOWN_FIELDS, ...delimited(1, 0x21)]);
    expect(decodeStreamResponse(bytes)).toEqual({ error_message: '!', infer_response: null });
  });
});
