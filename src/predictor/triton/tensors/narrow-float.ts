/** A binary interchange format of 16 bits: a sign, an exponent, a fraction (IEEE 754-2019, 3.4). */
export interface NarrowFloat {
  readonly fractionBits: number;
  /** The exponent of the smallest normal number; the largest is 1 - minExponent. */
  readonly minExponent: number;
}

/** What follows of a double's layout: 1 sign, 11 exponent, 52 fraction bits, of which 20 are in its upper word. */
const DOUBLE = { bias: 1023, maxExponentField: 0x7ff, upperFractionBits: 20 } as const;

/**
 * Rounds numbers to a narrow format, to the nearest, ties to even (IEEE 754-2019, 4.3.1): straight from the double, so
 * that nothing is rounded twice. What is too large becomes infinite, what is too small ±0; every NaN becomes the one
 * quiet NaN without payload.
 * @returns the bit patterns
 */
export function narrow(format: NarrowFloat, values: ArrayLike<number>): Uint16Array {
  const patterns = new Uint16Array(values.length);
  const double = new Float64Array(1);
  // Little-endian, as on every platform that Node supports.
  const words = new Uint32Array(double.buffer);
  for (let i = 0; i < patterns.length; i++) {
    double[0] = values[i] ?? NaN;
    patterns[i] = narrowWords(format, words[1] ?? 0, words[0] ?? 0);
  }
  return patterns;
}

/** @param upper the double's sign, exponent and upper fraction; @param lower the rest of its fraction */
function narrowWords({ fractionBits, minExponent }: NarrowFloat, upper: number, lower: number): number {
  const sign = (upper >>> 16) & 0x8000;
  const infinity = (3 - 2 * minExponent) << fractionBits;
  const exponentField = (upper >>> DOUBLE.upperFractionBits) & DOUBLE.maxExponentField;
  const fraction = upper & 0xfffff;
  if (exponentField === DOUBLE.maxExponentField) {
    const isNaN = (fraction | lower) !== 0;
    return isNaN ? infinity | (1 << (fractionBits - 1)) : sign | infinity;
  }
  const exponent = exponentField - DOUBLE.bias;
  if (exponent > 1 - minExponent) return sign | infinity;
  // The significand without the bits that are lost: those that the format lacks, and more where it is subnormal.
  const lost = DOUBLE.upperFractionBits - fractionBits + Math.max(0, minExponent - exponent);
  // Less than half of the smallest number; a double's own subnormal numbers are far less.
  if (lost > DOUBLE.upperFractionBits + 1) return sign;
  const significand = fraction | (1 << DOUBLE.upperFractionBits);
  const kept = significand >>> lost;
  const half = 1 << (lost - 1);
  const remainder = significand & ((1 << lost) - 1);
  const isAbove = remainder > half || (remainder === half && (lower !== 0 || (kept & 1) === 1));
  // The leading one of a normal significand, and the carry of rounding, count up the exponent above them.
  const magnitude = (Math.max(0, exponent - minExponent) << fractionBits) + kept + Number(isAbove);
  return sign | magnitude;
}
