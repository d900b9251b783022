import { excerpt } from '../../errors.js';
import { elementCount } from '../../tensor.js';
import { OPEN_DIM } from '../open-shape.js';
import type { ContentsMessage } from './messages.js';
import type { RepeatedKind, WireReader } from './wire-reader.js';
import { WIRE_TYPE, type WireWriter } from './wire-writer.js';

/** A list of InferTensorContents: how an element is packed and read, and how all of them are written. */
interface ContentsField extends RepeatedKind<unknown> {
  readonly name: string;
  readonly write: (writer: WireWriter, field: number, values: readonly unknown[]) => void;
}

/** The lists of InferTensorContents by their fields' numbers. */
const CONTENTS: Readonly<Record<number, ContentsField>> = {
  1: integers('bool_contents', (reader) => reader.bool()),
  2: integers('int_contents', (reader) => reader.int32()),
  3: integers('int64_contents', (reader) => String(reader.int64())),
  4: integers('uint_contents', (reader) => reader.uint32()),
  5: integers('uint64_contents', (reader) => String(reader.uint64())),
  6: {
    name: 'fp32_contents',
    element: WIRE_TYPE.fixed32,
    read: (reader) => reader.float(),
    write: (writer, field, values) => writer.packedFloats(field, values.map(Number)),
  },
  7: {
    name: 'fp64_contents',
    element: WIRE_TYPE.fixed64,
    read: (reader) => reader.double(),
    write: (writer, field, values) => writer.packedDoubles(field, values.map(Number)),
  },
  8: {
    name: 'bytes_contents',
    element: WIRE_TYPE.bytes,
    read: (reader) => reader.bytes(),
    write: (writer, field, values) => {
      for (const value of values) writer.copiedBytes(field, value as Uint8Array);
    },
  },
};

/**
 * Reads the lists of a tensor's contents, which come in any number of parts: once its shape is known, which may stand
 * behind them.
 * @throws RangeError when they are malformed, or have more values than the shape holds, where it has no open dimension
 */
export function readContents(
  parts: readonly WireReader[],
  { name, shape }: { readonly name: string; readonly shape: readonly (number | bigint)[] },
): ContentsMessage | null {
  if (parts.length === 0) return null;
  const lists: Record<string, unknown[]> = {};
  const dims = shape.map(Number);
  const count = dims.includes(OPEN_DIM) ? Infinity : elementCount(dims);
  try {
    for (const reader of parts) {
      while (reader.next()) {
        const field = CONTENTS[reader.field];
        if (field === undefined) reader.skip();
        else reader.repeated(field, (lists[field.name] ??= []), count);
      }
    }
  } catch (error) {
    const { message } = error as RangeError;
    throw new RangeError(`the contents of ${JSON.stringify(excerpt(name))}: ${message}`, { cause: error });
  }
  return lists;
}

/** Writes the lists of a tensor's contents, those that have values. */
export function writeContents(writer: WireWriter, field: number, contents: ContentsMessage): void {
  writer.message(field, () => {
    for (const [number, { name, write }] of Object.entries(CONTENTS)) {
      const values = contents[name] ?? [];
      if (values.length > 0) write(writer, Number(number), values);
    }
  });
}

function integers(name: string, read: ContentsField['read']): ContentsField {
  return {
    name,
    element: WIRE_TYPE.varint,
    read,
    write: (writer, field, values) => writer.packed(field, values.map(toInteger)),
  };
}

/** Digits where an integer may be beyond 2^53; a boolean is 0 or 1. */
function toInteger(value: unknown): number | bigint {
  if (typeof value === 'bigint') return value;
  return typeof value === 'string' ? BigInt(value) : Number(value);
}
