import { ServiceError } from '../errors.js';
import type { Predictor } from '../predictor/predictor.js';

/**
 * Which of these models a predictor has not ready, in their order.
 * @throws ServiceError `unavailable` when it has none of them and is not ready itself either, which may be all that is
 * wrong: often it cannot be reached
 */
export async function missingModels(
  predictor: Pick<Predictor, 'isModelReady' | 'isServerReady'>,
  models: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const ready = await readyModels(predictor, models, signal);
  const missing = models.filter((model) => !ready.has(model));
  if (missing.length > 0 && missing.length === models.length && !(await predictor.isServerReady({ signal }))) {
    const reason = `the predictor has not ready: ${missing.join(', ')}; it is not ready itself, or cannot be reached`;
    throw new ServiceError('unavailable', reason);
  }
  return missing;
}

/** Which of these models a predictor has ready; all are asked for at once. */
export async function readyModels(
  predictor: Pick<Predictor, 'isModelReady'>,
  models: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const answers = await Promise.all(models.map((model) => predictor.isModelReady(model, { signal })));
  return new Set(models.filter((_, index) => answers[index]));
}
