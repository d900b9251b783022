import type { AnyTensor, Datatype } from '../../tensor.js';
import type { ContentsMessage } from './messages.js';

/** The list of InferTensorContents that holds each datatype; none can hold FP16 and BF16. */
export const CONTENTS_FIELD = {
  BOOL: 'bool_contents',
  UINT8: 'uint_contents',
  UINT16: 'uint_contents',
  UINT32: 'uint_contents',
  UINT64: 'uint64_contents',
  INT8: 'int_contents',
  INT16: 'int_contents',
  INT32: 'int_contents',
  INT64: 'int64_contents',
  FP32: 'fp32_contents',
  FP64: 'fp64_contents',
  BYTES: 'bytes_contents',
} as const satisfies Record<Exclude<Datatype, RawDatatype>, string>;

/** A datatype that has no form but bytes. */
type RawDatatype = 'FP16' | 'BF16';

/** Whether a datatype has no form but bytes. */
export function isRawDatatype(datatype: Datatype): datatype is RawDatatype {
  return datatype === 'FP16' || datatype === 'BF16';
}

/** The values of a datatype among a tensor's contents; none when they hold others. */
export function listOf(contents: ContentsMessage | null, datatype: Datatype): readonly unknown[] {
  if (contents === null || isRawDatatype(datatype)) return [];
  return contents[CONTENTS_FIELD[datatype]] ?? [];
}

/** A tensor's values as a list; null where its datatype has no such form. */
export function contentsOf(tensor: AnyTensor): ContentsMessage | null {
  const { datatype } = tensor;
  if (isRawDatatype(datatype)) return null;
  return { [CONTENTS_FIELD[datatype]]: valuesOf(tensor) };
}

function valuesOf(tensor: AnyTensor): readonly unknown[] {
  switch (tensor.datatype) {
    case 'BOOL':
      return Array.from(tensor.data, (value) => value !== 0);
    case 'BYTES':
      return tensor.data;
    default:
      return Array.from<number | bigint>(tensor.data);
  }
}
