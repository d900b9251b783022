import type { ParameterValue } from '../parameters.js';
import type { ParameterMessage, ParameterMessages } from './messages.js';

/** The greatest int64. */
const MAX_INT64 = 2n ** 63n - 1n;

/** Parameters as they go on the wire. */
export function toParameterMessages(parameters: Iterable<readonly [string, ParameterValue]>): ParameterMessages {
  return Object.fromEntries([...parameters].map(([name, value]) => [name, toParameterMessage(name, value)]));
}

/** Parameters as they came; one without a value is ''. */
export function fromParameterMessages(messages: ParameterMessages): Record<string, ParameterValue> {
  return Object.fromEntries(Object.entries(messages).map(([name, message]) => [name, fromParameterMessage(message)]));
}

function toParameterMessage(name: string, value: ParameterValue): ParameterMessage {
  switch (typeof value) {
    case 'string':
      return { string_param: value };
    case 'boolean':
      return { bool_param: value };
    case 'bigint':
      // Triton takes a priority beyond int64 as uint64, but a sequence id as the int64 of the same 64 bits alone.
      return value > MAX_INT64 && name !== 'sequence_id'
        ? { uint64_param: String(value) }
        : { int64_param: String(BigInt.asIntN(64, value)) };
    default:
      return Number.isSafeInteger(value) ? { int64_param: value } : { double_param: value };
  }
}

function fromParameterMessage(message: ParameterMessage): ParameterValue {
  const integer = message.int64_param ?? message.uint64_param;
  if (integer === undefined) return message.string_param ?? message.bool_param ?? message.double_param ?? '';
  const exact = Number(integer);
  return Number.isSafeInteger(exact) ? exact : BigInt(integer);
}
