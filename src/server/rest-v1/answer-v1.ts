import { ServiceError } from '../../errors.js';
import type { Verb } from '../../transformers/run-transformer.js';
import type { ItemModel, ServedModel } from '../../transformers/served-model.js';
import type { CallState } from '../call-state.js';
import { inferOverHttp } from '../infer-over-http.js';
import type { JsonBody } from '../json-body.js';
import { isInferRequest } from '../rest-v2/infer-request-json.js';
import { readInferBody, type ReadInferRequest, readParsedInferBody } from '../rest-v2/read-infer-body.js';
import { bodyOfJson, type SentBody } from '../send-json.js';
import { readV1Uploads } from './read-v1-uploads.js';
import { toV1Answer } from './v1-answer.js';
import { parseV1Request, type V1Request } from './v1-request.js';

/** One call of V1, as its transport received it. */
export interface V1Call extends JsonBody {
  readonly verb: Verb;
  readonly state: CallState;
  readonly maxItems: number;
  readonly contentType: string | undefined;
  /** `Inference-Header-Content-Length`, with which the body is one of the Open Inference Protocol. */
  readonly headerLength: string | undefined;
  /** Whether the answer has to be JSON alone, as in an event, whatever the request wishes for. */
  readonly isJsonOnly: boolean;
}

/**
 * Answers a call of V1 by its body: one of the Open Inference Protocol (with `inputs`) is answered in that form, any
 * other as the model's kind has it.
 * @throws ServiceError `invalid_argument` and others when the body cannot be read; what the model throws
 */
export async function answerV1(model: ServedModel, call: V1Call): Promise<SentBody> {
  const { verb, state, body, json, headerLength, isJsonOnly } = call;
  const infer = (read: ReadInferRequest) =>
    inferOverHttp(model, isJsonOnly ? { ...read, isBinary: () => false } : read, { state, verb });
  if (headerLength !== undefined) return infer(readInferBody(body, headerLength));
  if (json !== undefined && isInferRequest(json)) return infer(readParsedInferBody(body, json));
  if (model.kind === 'items') return bodyOfJson(await answerItems(model, call));
  if (json !== undefined) return bodyOfJson(await model.v1(verb, json, state.toCall()));
  throw new ServiceError('invalid_argument', 'The body is no JSON object, which begins with "{"');
}

async function answerItems(model: ItemModel, call: V1Call): Promise<unknown> {
  const { verb, state, maxItems, body, json, contentType } = call;
  const { toResponse, uploads = 'pictures' } = model.transformer;
  const limits = { maxItems, speaksMultiData: toResponse !== undefined, uploads };
  const request: V1Request =
    json === undefined ? await readV1Uploads(body, contentType, limits) : parseV1Request(json, limits);
  const items = request.items.map(({ item }) => item);
  const results = await model.run({ ...state.toCall(), items, verb });
  return toV1Answer(request, results, { verb, forms: model.transformer, singleResponse: model.singleResponse });
}
