import { loadSync } from '@grpc/proto-loader';
import {
  FLOAT_FIELDS,
  INT64_FIELDS,
  modelConfigSchema,
  TEXT_MAPS,
} from '../../../../src/predictor/triton/models/config-answer.js';

interface Message {
  readonly field: readonly { readonly name: string; readonly type: string }[];
  readonly nestedType: readonly Message[];
  readonly options: { readonly mapEntry: boolean } | null;
}

/** Every message of model_config.proto. */
function protoMessages(): Message[] {
  const withNested = (message: Message): Message[] => [message, ...message.nestedType.flatMap(withNested)];
  const definitions = Object.values(loadSync('protos/model_config.proto', { keepCase: true }));
  return definitions.flatMap((definition) => {
    const isMessage = 'type' in definition && 'field' in definition.type;
    return isMessage ? withNested(definition.type as unknown as Message) : [];
  });
}

/** The names of the fields of some types; entries of maps are left out, their names being `key` and `value`. */
function fieldsOf(...types: readonly string[]): string[] {
  const names = protoMessages()
    .filter(({ options }) => options?.mapEntry !== true)
    .flatMap(({ field }) => field.filter(({ type }) => types.includes(type)).map(({ name }) => name));
  return [...new Set(names)].sort();
}

describe('modelConfigSchema', () => {
  it('knows every 64-bit field of the proto', () => {
    expect(fieldsOf('TYPE_INT64', 'TYPE_UINT64')).toEqual(INT64_FIELDS);
  });

  it('knows every field of single precision of the proto', () => {
    expect(fieldsOf('TYPE_FLOAT')).toEqual(FLOAT_FIELDS);
  });

  it('takes no text for a number that stands under a name of the user', () => {
    const maps = Object.fromEntries(TEXT_MAPS.map((field) => [field, { dims: '3' }]));
    expect(modelConfigSchema.parse(maps)).toEqual(maps);
  });

  it('makes digits numbers, at any depth and in lists', () => {
    const config = {
      input: [{ name: 'x', data_type: 'TYPE_FP32', dims: ['-1', 3], reshape: { shape: ['3'] } }],
      dynamic_batching: { priority_queue_policy: { 1: { default_timeout_microseconds: '7' } } },
    };
    expect(modelConfigSchema.parse(config)).toEqual({
      input: [{ name: 'x', data_type: 'TYPE_FP32', dims: [-1, 3], reshape: { shape: [3] } }],
      dynamic_batching: { priority_queue_policy: { 1: { default_timeout_microseconds: 7 } } },
    });
  });

  it.each([
    [0.10000000149011612, 0.1],
    [0.1, 0.1],
    [0.3333333432674408, 0.33333334],
    [16777217.5, 16777218],
    [0, 0],
  ])('writes the single-precision %d as %d', (received, expected) => {
    const read = modelConfigSchema.parse({ fp32_false_true: [received] });
    expect(read).toEqual({ fp32_false_true: [expected] });
  });

  it('leaves out messages that are not there, and keeps fields that it does not know', () => {
    expect(modelConfigSchema.parse({ sequence_batching: null, name: 'x', of_tomorrow: [{ a: null, b: 1 }] })).toEqual({
      name: 'x',
      of_tomorrow: [{ b: 1 }],
    });
  });
});
