import fc from 'fast-check';
import {
  decodeInferRequest,
  encodeInferRequest,
  piecesOfInferRequest,
} from '../../../src/oip/grpc/infer-request-codec.js';
import type { InferRequestMessage } from '../../../src/oip/grpc/messages.js';
import {
  delimited,
  fieldEnds,
  general,
  outcomeOf,
  readableLengths,
  readForm,
  RECEIVED_REQUEST,
  REQUEST,
  UNKNOWN_FIELDS,
} from '../../helpers/infer-messages.js';

const EMPTY_REQUEST: InferRequestMessage = {
  model_name: '',
  model_version: '',
  id: '',
  parameters: {},
  inputs: [],
  outputs: [],
  raw_input_contents: [],
};

const request = (...bytes: number[]) => decodeInferRequest(Buffer.from(bytes));

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

describe('decodeInferRequest()', () => {
  it('reads what the general writer writes', () => {
    fc.assert(
      fc.property(RECEIVED_REQUEST, (message) => {
        expect(decodeInferRequest(general.ModelInfer.requestSerialize(message))).toEqual({
          ...readForm(message),
          inputs: message.inputs.map(readForm),
          outputs: message.outputs.map(readForm),
        });
      }),
    );
  });

  it('reads an empty message', () => {
    expect(request()).toEqual(EMPTY_REQUEST);
  });

  it('gives raw contents and elements of BYTES as views on the message', () => {
    const bytes = Buffer.from([
      ...delimited(7, 1, 2),
      ...delimited(5, 0x18, 1, ...delimited(5, ...delimited(8, 3, 4))),
    ]);
    const { inputs, raw_input_contents: raw } = decodeInferRequest(bytes);
    bytes.fill(9, 2, 4).fill(9, bytes.length - 2);
    expect(raw).toEqual([Buffer.of(9, 9)]);
    expect(inputs[0]?.contents).toEqual({ bytes_contents: [Buffer.of(9, 9)] });
  });

  it('passes over unknown fields of every kind, wherever they stand', () => {
    const output = delimited(6, ...UNKNOWN_FIELDS, ...delimited(1, 0x6f));
    expect(request(...UNKNOWN_FIELDS, ...output, ...UNKNOWN_FIELDS)).toEqual({
      ...EMPTY_REQUEST,
      outputs: [{ name: 'o', parameters: {} }],
    });
  });

  it('refuses a message that ends within a field, at every byte', () => {
    const fields = {
      model_name: 'm',
      id: '7',
      parameters: { p: { int64_param: '9007199254740993' } },
      inputs: [{ name: 'i', datatype: 'FP32', shape: [1, 300], contents: { fp32_contents: [2], bytes_contents: [] } }],
      outputs: [{ name: 'o', parameters: { classification: { int64_param: '3' } } }],
      raw_input_contents: [Buffer.alloc(200)],
    };
    const { requestSerialize } = general.ModelInfer;
    expect(readableLengths(requestSerialize(fields), decodeInferRequest)).toEqual(fieldEnds(fields, requestSerialize));
  });

  it('reads or refuses any bytes, and does nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const outcome = outcomeOf(() => decodeInferRequest(Buffer.from(bytes)));
        expect(typeof outcome === 'object' || outcome === 'refused').toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('reads or refuses a message of which one byte was changed, and does nothing else', () => {
    fc.assert(
      fc.property(RECEIVED_REQUEST, fc.nat(), fc.integer({ min: 1, max: 255 }), (message, place, change) => {
        const bytes = general.ModelInfer.requestSerialize(message);
        const at = place % Math.max(1, bytes.length);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        const outcome = outcomeOf(() => decodeInferRequest(bytes));
        expect(typeof outcome === 'object' || outcome === 'refused').toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('says which contents have more values than their shape holds', () => {
    const input = delimited(5, ...delimited(1, 0x78), 0x18, 1, ...delimited(5, 0x10, 5, 0x10, 6));
    expect(() => request(...input)).toThrow('the contents of "x": int_contents has more than 1 values');
  });

  it.each([
    ['raw contents', [0x3a, 0], 1],
    ['inputs', [0x2a, 0], 1],
    ['outputs', [0x32, 0], 1],
    ['parameters of outputs', [0x32, 4, 0x12, 0, 0x12, 0], 3],
  ])('takes thousands of %s, and refuses more than 10,000 parts', (_, part, perPart) => {
    const partsOf = (times: number) => Buffer.concat(Array<Buffer>(times).fill(Buffer.from(part)));
    const most = Math.floor(10_000 / perPart);
    expect(() => decodeInferRequest(partsOf(most))).not.toThrow();
    expect(() => decodeInferRequest(partsOf(most + 1))).toThrow(
      new RangeError('the request has more than 10000 parts'),
    );
  });
});
