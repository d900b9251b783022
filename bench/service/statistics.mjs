/**
 * The nearest-rank percentile; undefined of nothing.
 * @param {ArrayLike<number>} sorted ascending
 * @param {number} share 0..1
 */
export function percentile(sorted, share) {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/**
 * The middle, least and greatest of some numbers; of an even number of them the lower of the two in the middle.
 * @param {readonly (number | undefined)[]} values those that are undefined are passed over
 */
export function spread(values) {
  const sorted = Float64Array.from(values.filter((value) => Number.isFinite(value))).sort();
  return { median: percentile(sorted, 0.5), min: sorted.at(0), max: sorted.at(-1) };
}
