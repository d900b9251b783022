import { constants } from 'node:buffer';
import * as z from 'zod';
import { abortReason } from '../../../concurrency/deadline.js';
import type { ServiceError } from '../../../errors.js';
import { subjectOf } from '../answer.js';
import type { ConnectOptions } from '../connect-options.js';
import type { GenerateRequest, GenerateResult } from '../inference.js';
import type { TritonTransport } from '../transport.js';
import { answeredWithError } from '../upstream-error.js';
import type { HttpAnswer } from './http-answer.js';
import type { HttpConnection, HttpRequest } from './http-connection.js';
import { fromErrorStatus } from './http-errors.js';
import { parseJson, parseJsonText } from './json.js';
import { toJsonText } from '../json-text.js';
import { modelPath } from './paths.js';
import { readEvents } from './server-sent-events.js';

const HTTP_OK = 200;

const RESULT = z.record(z.string(), z.unknown());

/** What is read of the answer that goes with an error status: more than any message of Triton's. */
const MAX_ERROR_BYTES = 64 * 1024;

/** The generate extension: requests and answers as JSON, neither packed; numbers of answers as JSON.parse reads them. */
export function createHttpGeneration(
  connection: Pick<HttpConnection, 'send' | 'open'>,
  { maxAnswerBytes }: Pick<ConnectOptions, 'maxAnswerBytes'>,
): Pick<TritonTransport, 'generate' | 'generateStream'> {
  const maxLength = Math.min(maxAnswerBytes, constants.MAX_STRING_LENGTH);
  return {
    generate: async (request, call) => {
      const subject = subjectOf(request);
      const answer = await connection.send(toHttpRequest('generate', request), { ...call, subject });
      if (answer.status !== HTTP_OK) throw fromErrorStatus(answer.status, answer.body, subject);
      return assertNoError(parseJson(answer.body, RESULT, subject), subject);
    },
    generateStream: async function* (request, call) {
      const subject = subjectOf(request);
      const answer = await connection.open(toHttpRequest('generate_stream', request), { ...call, subject });
      if (answer.status !== HTTP_OK) throw await errorOf(answer, subject);
      for await (const data of readEvents(answer.body, { maxLength, subject })) {
        // Events that came with the last piece still wait.
        if (call.signal.aborted) throw abortReason(call.signal);
        yield assertNoError(parseJsonText(data, RESULT, subject), subject);
      }
    },
  };
}

function toHttpRequest(action: 'generate' | 'generate_stream', request: GenerateRequest): HttpRequest {
  return {
    method: 'POST',
    path: `${modelPath(request)}/${action}`,
    headers: { 'content-type': 'application/json' },
    body: [Buffer.from(toJsonText('payload', request.payload), 'utf8')],
  };
}

/** Triton tells what fails after it has begun to answer as `{"error": "…"}`; a model's answer names the model, too. */
function assertNoError(result: GenerateResult, subject: string): GenerateResult {
  const text = result['error'];
  if (typeof text !== 'string' || 'model_name' in result) return result;
  throw answeredWithError({
    subject,
    upstream: { status: 'UNKNOWN', httpStatus: HTTP_OK, text },
    isTemporary: false,
    cause: new Error(text),
    hasAnswerBegun: true,
  });
}

/** An error before the first answer is an event, too, when it comes from the model. */
async function errorOf(answer: HttpAnswer<AsyncIterable<Uint8Array>>, subject: string): Promise<ServiceError> {
  const isEvent = answer.headers.get('content-type')?.startsWith('text/event-stream') === true;
  const parts = isEvent ? readEvents(answer.body, { maxLength: MAX_ERROR_BYTES, subject }) : answer.body;
  const body: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of parts) {
    const piece = Buffer.from(part);
    body.push(piece);
    bytes += piece.byteLength;
    if (isEvent || bytes > MAX_ERROR_BYTES) break;
  }
  return fromErrorStatus(answer.status, Buffer.concat(body), subject);
}
