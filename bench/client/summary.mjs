/**
 * What a run of calls comes to.
 * @param {{ times: number[], elapsedMs: number, cpuMs: number }} run each call's time, and the whole, in milliseconds
 */
export function summarize({ times, elapsedMs, cpuMs }) {
  const sorted = Float64Array.from(times).sort();
  return {
    calls: times.length,
    callsPerSecond: (times.length / elapsedMs) * 1000,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    cpuMsPerCall: cpuMs / times.length,
  };
}

/** The middle of the values; of an even number the lower of the two. */
export function median(values) {
  return percentile(Float64Array.from(values).sort(), 0.5);
}

/** The nearest-rank percentile. */
function percentile(sorted, share) {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
