import { narrow, type NarrowFloat } from './narrow-float.js';

/** binary16 (IEEE 754-2019, table 3.5). */
const BINARY16: NarrowFloat = { fractionBits: 10, minExponent: -14 };

/** From the exponent field of binary16 to that of binary32: the difference of their biases, 127 - 15, in place. */
const REBIAS = (127 - 15) << 23;

const SMALLEST_SUBNORMAL = 2 ** -24;

/**
 * Numbers as FP16: to the nearest, ties to even; from 65,520 on infinite; every NaN is 0x7e00.
 * @returns the bit patterns, as an FP16 tensor holds them
 */
export function toFloat16(values: ArrayLike<number>): Uint16Array {
  return narrow(BINARY16, values);
}

/** The numbers that bit patterns of FP16 stand for, all exactly; a NaN keeps its sign and payload. */
export function fromFloat16(patterns: Uint16Array): Float32Array {
  const values = new Float32Array(patterns.length);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < values.length; i++) {
    const pattern = patterns[i] ?? 0;
    const sign = (pattern & 0x8000) << 16;
    const exponent = pattern & 0x7c00;
    const magnitude = (pattern & 0x7fff) << 13;
    if (exponent === 0) {
      values[i] = (sign === 0 ? 1 : -1) * (pattern & 0x3ff) * SMALLEST_SUBNORMAL;
    } else {
      // Infinities and NaNs have all bits of the exponent set: in binary32 that is twice the difference further.
      bits[i] = sign | (magnitude + (exponent === 0x7c00 ? 2 * REBIAS : REBIAS));
    }
  }
  return values;
}
