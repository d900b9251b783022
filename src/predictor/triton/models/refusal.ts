import { excerpt, ServiceError } from '../../../errors.js';
import { nearMatch } from './near-match.js';

/** A request that its model does not take; nothing of it was sent. */
export function refusal(message: string): ServiceError {
  return new ServiceError('invalid_argument', message);
}

/**
 * A request names an input or output that its model does not have.
 * @param kind which of the two
 * @param model the model's name
 * @param known the names that there are
 */
export function unknownName(
  kind: 'input' | 'output',
  name: string,
  { model, known }: { model: string; known: readonly string[] },
): ServiceError {
  const meant = nearMatch(name, known);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return refusal(
    `${kind}s: model ${model} has the ${kind}s ${listed(known)}; received ${JSON.stringify(excerpt(name))}${hint}`,
  );
}

/** Names for a message: `IMAGE, TEXT`. */
export function listed(names: readonly string[]): string {
  return excerpt(names.join(', '), 200);
}
