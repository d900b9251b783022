import { ServiceError } from '../../errors.js';
import type { Verb } from '../../transformers/run-transformer.js';
import type { ItemModel, ServedModel } from '../../transformers/served-model.js';
import type { CallState } from '../call-state.js';
import { inferOverHttp } from '../infer-over-http.js';
import { isJsonObject, parseJsonObject } from '../json-body.js';
import { isInferRequest } from '../rest-v2/infer-request-json.js';
import { readInferBody, readParsedInferBody } from '../rest-v2/read-infer-body.js';
import type { InferAnswer } from '../rest-v2/write-infer-answer.js';
import { readV1Uploads } from './read-v1-uploads.js';
import { toV1Answer } from './v1-answer.js';
import { parseV1Request, type V1Request } from './v1-request.js';

/** One call of V1, as its transport received it. */
export interface V1Call {
  readonly verb: Verb;
  readonly state: CallState;
  readonly maxItems: number;
  readonly body: Buffer;
  readonly contentType: string | undefined;
  /** `Inference-Header-Content-Length`, with which the body is one of the Open Inference Protocol. */
  readonly headerLength: string | undefined;
}

/** What a V1 route answers: JSON of V1, or, to a body of the Open Inference Protocol, one of that. */
export type V1Answer =
  { readonly form: 'v1'; readonly json: unknown } | { readonly form: 'v2'; readonly answer: InferAnswer };

/**
 * Answers a call of V1 by its body: one of the Open Inference Protocol (with `inputs`) is answered in that form, any
 * other as the model's kind has it.
 * @throws ServiceError `invalid_argument` and others when the body cannot be read; what the model throws
 */
export async function answerV1(model: ServedModel, call: V1Call): Promise<V1Answer> {
  const { verb, state, body, headerLength } = call;
  if (headerLength !== undefined) {
    return { form: 'v2', answer: await inferOverHttp(model, readInferBody(body, headerLength), { state, verb }) };
  }
  const json = isJsonObject(body) ? parseJsonObject(body) : undefined;
  if (json !== undefined && isInferRequest(json)) {
    return { form: 'v2', answer: await inferOverHttp(model, readParsedInferBody(body, json), { state, verb }) };
  }
  if (model.kind === 'items') return { form: 'v1', json: await answerItems(model, json, call) };
  if (json !== undefined) return { form: 'v1', json: await model.v1(verb, json, state.toCall()) };
  throw new ServiceError('invalid_argument', 'The body is no JSON object, which begins with "{"');
}

async function answerItems(
  model: ItemModel,
  json: Readonly<Record<string, unknown>> | undefined,
  { verb, state, maxItems, body, contentType }: V1Call,
): Promise<unknown> {
  const limits = { maxItems, speaksMultiData: model.transformer.toResponse !== undefined };
  const request: V1Request =
    json === undefined ? await readV1Uploads(body, contentType, limits) : parseV1Request(json, limits);
  const items = request.items.map(({ item }) => item);
  const results = await model.run({ ...state.toCall(), items, verb });
  return toV1Answer(request, results, { verb, forms: model.transformer, singleResponse: model.singleResponse });
}
