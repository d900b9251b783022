import { echoedExtraInfo, type ExtraInfo, type MultiResponse, type Response } from 'common-data-type';
import type { ServiceError } from '../../errors.js';
import type { ItemResult } from '../../transformers/run-transformer.js';
import type { ServedModel } from '../data-plane.js';
import type { V1Request } from './v1-request.js';

/**
 * The JSON body that answers a V1 request: one entry per item, in order. An item's error stands in its place.
 * @param singleResponse the answer to a single Request: `multi` is a MultiResponse of length 1, `bare` a Response
 */
export function toV1Answer(
  request: V1Request,
  results: readonly ItemResult[],
  { transformer, singleResponse }: { transformer: ServedModel['transformer']; singleResponse: 'multi' | 'bare' },
): MultiResponse | Response | { predictions: unknown[] } {
  const { toResponse } = transformer;
  if (request.form === 'predictions' || toResponse === undefined) {
    const predictions = results.map((outcome) =>
      'error' in outcome ? { error: itemError(outcome.error) } : transformer.toPrediction(outcome.result),
    );
    return { predictions };
  }
  const responses = results.map((outcome, index) => {
    const extraInfo = request.items[index]?.extraInfo;
    return 'error' in outcome ? errorResponse(outcome.error, extraInfo) : toResponse(outcome.result, extraInfo);
  });
  const [first] = responses;
  return request.form === 'single' && singleResponse === 'bare' && first !== undefined
    ? first
    : { multi_data: responses };
}

function errorResponse(error: ServiceError, extraInfo: ExtraInfo | undefined): Response {
  return { data: [], extra_info: { ...echoedExtraInfo(extraInfo), error: itemError(error) } };
}

function itemError({ code, message }: ServiceError): { code: string; message: string } {
  return { code, message };
}
