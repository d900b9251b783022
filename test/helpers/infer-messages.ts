import type { MethodDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import fc from 'fast-check';
import type {
  InferRequestMessage,
  InferResponseMessage,
  ParameterMessage,
  ParameterMessages,
  ReceivedInferRequest,
} from '../../src/oip/grpc/messages.js';

type General = MethodDefinition<object, object>;

/** The general (de)serialisers of the proto: what the hand-written ones are held against. */
export const general = loadSync('protos/grpc_service.proto', { keepCase: true, longs: String, defaults: true })[
  'inference.GRPCInferenceService'
] as unknown as { ModelInfer: General; ModelStreamInfer: General };

export const NAMES = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 200 }));
const INT64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const UINT64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const DIMS = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.maxSafeNat());
const BYTES = fc
  .oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 120, maxLength: 300 }))
  .map((bytes) => Buffer.from(bytes));

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
const REQUESTED = fc.array(fc.record({ name: NAMES, parameters: PARAMETERS }), { maxLength: 3 });
const RAW = fc.array(BYTES, { maxLength: 3 });

const CONTENTS = fc.record(
  {
    bool_contents: fc.array(fc.boolean(), { minLength: 1 }),
    int_contents: fc.array(fc.integer(), { minLength: 1 }),
    int64_contents: fc.array(INT64.map(String), { minLength: 1 }),
    uint_contents: fc.array(fc.nat({ max: 2 ** 32 - 1 }), { minLength: 1 }),
    uint64_contents: fc.array(UINT64.map(String), { minLength: 1 }),
    fp32_contents: fc.array(fc.float(), { minLength: 1 }),
    fp64_contents: fc.array(fc.double(), { minLength: 1 }),
    bytes_contents: fc.array(BYTES, { minLength: 1 }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

/** How many values the shape of a tensor with such contents has to hold. */
const longestOf = (contents: object): number =>
  Math.max(0, ...Object.values(contents).map((list: readonly unknown[]) => list.length));

const TENSORS_WITH_CONTENTS = fc.array(
  fc
    .record({ ...TENSOR, contents: fc.option(CONTENTS) })
    .map((tensor) => (tensor.contents === null ? tensor : { ...tensor, shape: [longestOf(tensor.contents)] })),
  { maxLength: 3 },
);

/** A request as a client writes it. */
export const REQUEST: fc.Arbitrary<InferRequestMessage> = fc.record({
  ...HEAD,
  inputs: fc.array(fc.record(TENSOR), { maxLength: 3 }),
  outputs: REQUESTED,
  raw_input_contents: RAW,
});

/** A request as it may come. */
export const RECEIVED_REQUEST: fc.Arbitrary<ReceivedInferRequest> = fc.record({
  ...HEAD,
  inputs: TENSORS_WITH_CONTENTS,
  outputs: REQUESTED,
  raw_input_contents: RAW,
});

export const RESPONSE: fc.Arbitrary<InferResponseMessage> = fc.record({
  ...HEAD,
  outputs: TENSORS_WITH_CONTENTS,
  raw_output_contents: RAW,
});

/** Parameters as they are read: 64-bit ones by their digits. */
const withDigits = (parameters: ParameterMessages): ParameterMessages =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => {
      return [name, value.int64_param === undefined ? value : { int64_param: String(value.int64_param) }];
    }),
  );

/** Anything that has parameters, as it is read. */
export const readForm = <T extends { readonly parameters: ParameterMessages }>(part: T): T => {
  return { ...part, parameters: withDigits(part.parameters) };
};

/** A field of bytes, a string or a message, of less than 128 bytes. */
export const delimited = (field: number, ...content: number[]): number[] => [field * 8 + 2, content.length, ...content];

/** Fields of every wire type that no message of inference has. */
export const UNKNOWN_FIELDS = [
  ...[0x78, 0xff, 0xff, 0x03], // 15: varint 65535
  ...[0x79, 1, 2, 3, 4, 5, 6, 7, 8], // 15: 64 bits
  ...delimited(15, 1, 2, 3),
  ...[0x7b, 0x08, 0x01, 0x13, 0x08, 0x01, 0x14, 0x7c], // 15: a group with a field and a group in it
  ...[0x7d, 1, 2, 3, 4], // 15: 32 bits
];

/** What reading comes to: the message, or that it is refused. */
export const outcomeOf = (read: () => object): unknown => {
  try {
    return read();
  } catch (error) {
    return error instanceof RangeError ? 'refused' : String(error);
  }
};

/** The lengths at which the first bytes of a message can be read as a message. */
export function readableLengths(whole: Buffer, decode: (bytes: Buffer) => object): number[] {
  return Array.from(whole, (_, index) => index + 1).filter((length) => {
    // In memory of its own, with more bytes behind it, as a message in a larger buffer.
    const part = Buffer.from(whole).subarray(0, length);
    return outcomeOf(() => decode(part)) !== 'refused';
  });
}

/** The lengths at which a message's fields, of which `fields` has each once, end. */
export function fieldEnds(fields: object, encode: (message: object) => Buffer): number[] {
  const entries = Object.entries(fields);
  return entries.map((_, index) => encode(Object.fromEntries(entries.slice(0, index + 1))).length);
}
