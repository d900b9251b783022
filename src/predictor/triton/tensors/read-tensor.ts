import { isUtf8 } from 'node:buffer';
import { excerpt, ServiceError } from '../../../errors.js';
import type { AnyTensor } from '../../../tensor.js';
import { fromBfloat16 } from './bfloat16.js';
import { fromFloat16 } from './float16.js';

/**
 * A tensor's values as 32-bit floats: of FP32 its own data, of any other datatype a copy, in which FP64 and integers
 * beyond 2^24 are rounded, and BOOL is 0 and 1.
 * @throws ServiceError `invalid_argument` for BYTES, INT64 and UINT64, whose values are no such numbers
 */
export function toFloat32Array(tensor: AnyTensor): Float32Array {
  switch (tensor.datatype) {
    case 'FP32':
      return tensor.data;
    case 'FP16':
      return fromFloat16(tensor.data);
    case 'BF16':
      return fromBfloat16(tensor.data);
    case 'BYTES':
    case 'INT64':
    case 'UINT64':
      throw new ServiceError('invalid_argument', `A tensor of ${tensor.datatype} does not hold 32-bit floats`);
    default:
      return Float32Array.from(tensor.data);
  }
}

/**
 * A tensor's values as plain numbers, all exactly; BOOL as 0 and 1.
 * @throws ServiceError `invalid_argument` for BYTES, and for a 64-bit integer beyond ±(2^53 - 1)
 */
export function toNumbers(tensor: AnyTensor): number[] {
  switch (tensor.datatype) {
    case 'BYTES':
      throw new ServiceError('invalid_argument', 'A tensor of BYTES does not hold numbers');
    case 'INT64':
    case 'UINT64':
      return Array.from<bigint, number>(tensor.data, toExactNumber);
    case 'FP16':
    case 'BF16':
      return Array.from(toFloat32Array(tensor));
    default:
      return Array.from(tensor.data);
  }
}

/**
 * The elements of a BYTES tensor as texts.
 * @throws ServiceError `invalid_argument` for another datatype, and for an element that is not UTF-8
 */
export function toStrings(tensor: AnyTensor): string[] {
  if (tensor.datatype !== 'BYTES') {
    throw new ServiceError('invalid_argument', `A tensor of ${tensor.datatype} does not hold texts, only BYTES does`);
  }
  return tensor.data.map((element, index) => {
    const bytes = Buffer.from(element.buffer, element.byteOffset, element.byteLength);
    if (isUtf8(bytes)) return bytes.toString('utf8');
    const received = excerpt(bytes.subarray(0, 32).toString('hex'));
    throw new ServiceError('invalid_argument', `data[${index}] must be UTF-8; received the bytes ${received}`);
  });
}

function toExactNumber(value: bigint, index: number): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new ServiceError('invalid_argument', `data[${index}] must be within ±(2^53 - 1); received ${value}`);
}
