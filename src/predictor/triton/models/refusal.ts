import { excerpt, ServiceError } from '../../../errors.js';
import { nearMatch } from './near-match.js';

/** How many characters of a model's names a message holds. */
const MAX_LISTED = 200;

/** A request that its model does not take; nothing of it was sent. */
export function refusal(message: string): ServiceError {
  return new ServiceError('invalid_argument', message);
}

/**
 * A request names an input or output that its model does not have.
 * @param kind which of the two
 * @param options.model the model's name
 * @param options.known the names that it has
 */
export function unknownName(
  kind: 'input' | 'output',
  name: string,
  { model, known }: { model: string; known: readonly string[] },
): ServiceError {
  const meant = nearMatch(name, known);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  const all = `${kind === 'input' ? 'takes' : 'gives'} ${listed(known)}`;
  return refusal(`${kind}s: model ${model} ${all}; received ${JSON.stringify(excerpt(name))}${hint}`);
}

/** Names for a message: `IMAGE, TEXT`, or `none`. */
export function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : excerpt(names.join(', '), MAX_LISTED);
}
