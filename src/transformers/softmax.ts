/** Probabilities of logits: positive, their sum is 1. Finite logits of any size give finite probabilities. */
export function softmax(logits: Float32Array): number[] {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = Array.from(logits, (logit) => Math.exp(logit - largest));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}

/** The probability of one class of a classifier. */
export function classProbability<Class extends string>(
  logits: Float32Array,
  classes: readonly Class[],
  wanted: Class,
): number {
  return softmax(logits)[classes.indexOf(wanted)] ?? 0;
}
