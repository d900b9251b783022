import fc from 'fast-check';
import {
  decodeInferResponse,
  decodeStreamResponse,
  encodeInferResponse,
  encodeStreamResponse,
} from '../../../src/oip/grpc/infer-response-codec.js';
import {
  delimited,
  fieldEnds,
  general,
  NAMES,
  outcomeOf,
  readableLengths,
  readForm,
  RESPONSE,
  UNKNOWN_FIELDS,
} from '../../helpers/infer-messages.js';

/** What Triton 2.51 answers for its model `copy` to the values 1, -2.5 and 3e9 with the id `call-7`. */
const CAPTURED = Buffer.from(
  '0a04636f70791201311a0663616c6c2d372a120a074f5554505554301204465033321a0103320c0000803f000020c05ed0324f',
  'hex',
);

const output = (...fields: number[]) => delimited(5, ...fields);
const MORE_THAN_1 = 'the contents of "": int_contents has more than 1 values';
const MORE_BYTES_THAN_1 = 'the contents of "": bytes_contents has more than 1 values';

const EMPTY_RESPONSE = {
  model_name: '',
  model_version: '',
  id: '',
  parameters: {},
  outputs: [],
  raw_output_contents: [],
};

const response = (...bytes: number[]) => decodeInferResponse(Buffer.from(bytes));

describe('decodeInferResponse()', () => {
  it('reads what the general writer writes', () => {
    fc.assert(
      fc.property(RESPONSE, (message) => {
        const outputs = message.outputs.map(readForm);
        expect(decodeInferResponse(general.ModelInfer.responseSerialize(message))).toEqual({
          ...readForm(message),
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
    expect(response()).toEqual(EMPTY_RESPONSE);
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
    expect(readableLengths(responseSerialize(fields), decodeInferResponse)).toEqual(
      fieldEnds(fields, responseSerialize),
    );
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
    ['101 dimensions', output(...delimited(3, ...Array<number>(101).fill(1))), 'shape has more than 100 values'],
    ['a packed list that ends within a number', delimited(5, 0x1a, 1, 0x80), 'the message ends within a field'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => response(...bytes)).toThrow(RangeError);
    expect(() => response(...bytes)).toThrow(message);
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

describe('encodeInferResponse()', () => {
  it('writes what the general writer writes', () => {
    fc.assert(
      fc.property(RESPONSE, (message) => {
        const { responseDeserialize, responseSerialize } = general.ModelInfer;
        expect(responseDeserialize(encodeInferResponse(message))).toEqual(
          responseDeserialize(responseSerialize(message)),
        );
      }),
    );
  });

  it('writes 64-bit contents of bigints as of digits', () => {
    const values = [-(2n ** 63n), -1n, 2n ** 63n - 1n];
    const message = (int64_contents: readonly unknown[]) => ({
      ...EMPTY_RESPONSE,
      outputs: [{ name: 'o', datatype: 'INT64', shape: [3], parameters: {}, contents: { int64_contents } }],
    });
    expect(encodeInferResponse(message(values))).toEqual(encodeInferResponse(message(values.map(String))));
  });
});

describe('encodeStreamResponse()', () => {
  it('writes what the general writer writes, with small raw contents and large ones', () => {
    const large = Buffer.alloc(70_000, 7);
    fc.assert(
      fc.property(NAMES, fc.option(RESPONSE), fc.boolean(), (error_message, message, isLarge) => {
        const raw_output_contents = [...(message?.raw_output_contents ?? []), ...(isLarge ? [large] : [])];
        const infer_response = message && { ...message, raw_output_contents };
        const { responseDeserialize, responseSerialize } = general.ModelStreamInfer;
        const whole = { error_message, infer_response };
        expect(responseDeserialize(encodeStreamResponse(whole))).toEqual(responseDeserialize(responseSerialize(whole)));
      }),
    );
  });
});
