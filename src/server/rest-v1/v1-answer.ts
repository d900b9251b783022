import type { MultiResponse, Response } from 'common-data-type';
import { type AnswerForms, toExplanation, toPrediction, toResponse } from '../../transformers/item-answers.js';
import type { ItemResult, Verb } from '../../transformers/run-transformer.js';
import { ServiceError } from '../../errors.js';
import type { Item } from '../../transformers/transformer.js';
import type { V1Request } from './v1-request.js';

/** How an answer is to be written. */
export interface V1AnswerOptions {
  readonly verb: Verb;
  readonly forms: AnswerForms;
  /** The answer to a single Request: `multi` is a MultiResponse of length 1, `bare` a Response. */
  readonly singleResponse: 'multi' | 'bare';
}

/** The JSON body that answers a V1 request: one entry per item, in order. An item's error stands in its place. */
export function toV1Answer(
  request: V1Request,
  results: readonly ItemResult[],
  { verb, forms, singleResponse }: V1AnswerOptions,
): MultiResponse | Response | { predictions: unknown[] } | { explanations: unknown[] } {
  if (verb === 'explain') return { explanations: results.map(toExplanation) };
  const own = forms.toResponse;
  if (request.form === 'predictions' || own === undefined) {
    return { predictions: results.map((outcome, index) => toPrediction(forms, outcome, itemAt(request, index))) };
  }
  const responses = results.map((outcome, index) => toResponse(own, outcome, request.items[index]?.extraInfo));
  const [first] = responses;
  return request.form === 'single' && singleResponse === 'bare' && first !== undefined
    ? first
    : { multi_data: responses };
}

/** What the client sent; of an item that could not be read, nothing. */
function itemAt(request: V1Request, index: number): Item {
  const item = request.items[index]?.item;
  return item === undefined || item instanceof ServiceError ? { path: '', value: undefined } : item;
}
