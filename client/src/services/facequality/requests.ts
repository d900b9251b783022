import { type ExtraInfo, type MultiRequest, multiResponseSchema, type Request, type Response } from 'common-data-type';
import { ClientError } from '../../client-error.js';
import { toBase64 } from '../../input-kinds.js';
import type { Outcome } from '../../send-many.js';

/** Sends a body to the model's predict route and returns what it answers, parsed. */
export type CallPredict = (body: unknown) => Promise<unknown>;

/**
 * Sends one picture as a Request.
 * @throws ClientError when the call fails, or is answered with something else than one Response
 */
export function sendRequest(
  call: CallPredict,
  picture: Uint8Array,
  extraInfo: ExtraInfo | undefined,
): Promise<readonly Outcome<Response>[]> {
  return send(call, toRequest(picture, extraInfo), 1);
}

/**
 * Sends pictures as a MultiRequest; `extraInfo` is sent once, for all of them.
 * @throws ClientError when the call fails, or is answered with another number of Responses
 */
export function sendMultiRequest(
  call: CallPredict,
  pictures: readonly Uint8Array[],
  extraInfo: ExtraInfo | undefined,
): Promise<readonly Outcome<Response>[]> {
  const requests = pictures.map((picture) => toRequest(picture, undefined));
  const body = { multi_data: requests, ...(extraInfo === undefined ? {} : { extra_info: extraInfo }) };
  return send(call, body, pictures.length);
}

async function send(call: CallPredict, body: Request | MultiRequest, expected: number) {
  const responses = toResponses(await call(body));
  if (responses.length === expected) return responses.map(toOutcome);
  const message = `expected ${expected} Responses from the service, received ${responses.length}`;
  throw new ClientError(message, { code: 'bad_answer' });
}

function toRequest(picture: Uint8Array, extraInfo: ExtraInfo | undefined): Request {
  return { data: { item: toBase64(picture) }, ...(extraInfo === undefined ? {} : { extra_info: extraInfo }) };
}

/** A service may answer a single Request as a MultiResponse of one, which is the default, or as the bare Response. */
function toResponses(answer: unknown): readonly Response[] {
  const isMulti = typeof answer === 'object' && answer !== null && 'multi_data' in answer;
  const multi = multiResponseSchema.safeParse(isMulti ? answer : { multi_data: [answer] });
  if (multi.success) return multi.data.multi_data;
  const [issue] = multi.error.issues;
  const problem = issue === undefined ? '' : `: ${issue.path.join('.')}: ${issue.message}`;
  const message = `expected a MultiResponse from the service, received something else${problem}`;
  throw new ClientError(message, { code: 'bad_answer', cause: multi.error });
}

/** An item's error, which a Response carries instead of scores, becomes the error that it is. */
function toOutcome(response: Response): Outcome<Response> {
  const itemError = response.extra_info?.error;
  if (itemError !== undefined) return { error: new ClientError(itemError.message, { code: itemError.code }) };
  if (response.data.length === 0) {
    return { error: new ClientError('the service answered without a score', { code: 'bad_answer' }) };
  }
  return { answer: response };
}
