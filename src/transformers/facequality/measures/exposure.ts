/** Luminance up to which a pixel is dark, and from which it is bright: ISO/IEC 29794-5 as in OFIQ (exposure). */
const DARK_MAX = 25;
const BRIGHT_MIN = 247;

/** What the luminance of a face's pixels says. */
export interface Exposure {
  /** 0..1 */
  readonly luminanceMean: number;
  /** Of luminance in 0..1. */
  readonly luminanceVariance: number;
  /** Share of dark pixels, 0..1. */
  readonly darkShare: number;
  /** Share of bright pixels, 0..1. */
  readonly brightShare: number;
  /** Entropy of the luminance histogram, 0..8 bits. */
  readonly entropyBits: number;
}

/** Luminance statistics of the pixels inside a mask that is not empty. */
export function measureExposure(levels: Uint8Array, mask: Uint8Array): Exposure {
  const shares = levelShares(levels, mask);
  const weighted = (weight: (level: number) => number) =>
    shares.reduce((total, share, level) => total + share * weight(level), 0);
  const luminanceMean = weighted((level) => level / 255);
  return {
    luminanceMean,
    luminanceVariance: weighted((level) => (level / 255 - luminanceMean) ** 2),
    darkShare: weighted((level) => (level <= DARK_MAX ? 1 : 0)),
    brightShare: weighted((level) => (level >= BRIGHT_MIN ? 1 : 0)),
    entropyBits: shares.reduce((bits, share) => (share > 0 ? bits - share * Math.log2(share) : bits), 0),
  };
}

/**
 * The share of each of the 256 levels; all 0 when there are no pixels.
 * @param mask 1 where a pixel counts; all count when absent
 */
export function levelShares(levels: Uint8Array, mask?: Uint8Array): Float64Array {
  const counts = new Int32Array(256);
  let total = 0;
  for (let i = 0; i < levels.length; i++) {
    if (mask !== undefined && mask[i] !== 1) continue;
    const level = levels[i] ?? 0;
    counts[level] = (counts[level] ?? 0) + 1;
    total++;
  }
  return Float64Array.from(counts, (count) => count / Math.max(1, total));
}
