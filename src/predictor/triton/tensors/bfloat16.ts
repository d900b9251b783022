import { narrow, type NarrowFloat } from './narrow-float.js';

/** bfloat16: the upper half of IEEE 754's binary32, with its exponents and 7 of its 23 fraction bits. */
const BFLOAT16: NarrowFloat = { fractionBits: 7, minExponent: -126 };

/**
 * Numbers as BF16: to the nearest, ties to even, not cut off; beyond its largest, about 3.39e38, infinite; every NaN
 * is 0x7fc0.
 * @returns the bit patterns, as a BF16 tensor holds them
 */
export function toBfloat16(values: ArrayLike<number>): Uint16Array {
  return narrow(BFLOAT16, values);
}

/** The numbers that bit patterns of BF16 stand for, all exactly; a NaN keeps its sign and payload. */
export function fromBfloat16(patterns: Uint16Array): Float32Array {
  const bits = new Uint32Array(patterns.length);
  for (let i = 0; i < bits.length; i++) bits[i] = (patterns[i] ?? 0) << 16;
  return new Float32Array(bits.buffer);
}
