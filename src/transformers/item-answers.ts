import { echoedExtraInfo, type ExtraInfo, type ItemError, type Response } from 'common-data-type';
import type { ServiceError } from '../errors.js';
import type { ItemResult } from './run-transformer.js';
import type { AnyTransformer, Item } from './transformer.js';

/** The part of a transformer that puts results into clients' terms. */
export type AnswerForms = Pick<AnyTransformer, 'toPrediction' | 'toResponse'>;

/** How an item's outcome stands in V1's `predictions`: its prediction, or `{"error": …}` in its place. */
export function toPrediction(forms: AnswerForms, outcome: ItemResult, item: Item): unknown {
  return 'error' in outcome ? { error: toItemError(outcome.error) } : forms.toPrediction(outcome.result, item);
}

/** How an item's outcome stands in V1's `explanations`. */
export function toExplanation(outcome: ItemResult): unknown {
  return 'error' in outcome ? { error: toItemError(outcome.error) } : outcome.result;
}

/** How an item's outcome stands in `multi_data`: its Response, with no `data` when it has failed. */
export function toResponse(
  toOwnResponse: NonNullable<AnswerForms['toResponse']>,
  outcome: ItemResult,
  extraInfo: ExtraInfo | undefined,
): Response {
  return 'error' in outcome
    ? { data: [], extra_info: { ...echoedExtraInfo(extraInfo), error: toItemError(outcome.error) } }
    : toOwnResponse(outcome.result, extraInfo);
}

function toItemError({ code, message }: ServiceError): ItemError {
  return { code, message };
}
