import { randomUUID } from 'node:crypto';
import { excerpt } from '../../../errors.js';
import { type AskedFor, subjectOf } from '../answer.js';
import { toClientError } from '../client-error.js';
import type { TritonInferRequest, TritonInferResult, TritonStreamMessage } from '../inference.js';
import { answeredWithError, invalidAnswer } from '../upstream-error.js';
import type { InferRequestMessage, InferResponseMessage, StreamResponseMessage } from '../../../oip/grpc/messages.js';
import { fromInferMessage, toInferMessage } from './infer-messages.js';

/** What is asked of where no request is meant, for messages. */
export const STREAM_SUBJECT = 'the inference stream';

/** Has a decoupled model's last answer marked, by an answer without outputs where it knew too late that it was the last. */
const ASKS_FOR_FINAL = { triton_enable_empty_final_response: { bool_param: true } };

/** What is remembered of a request until its last answer; its tensors are not. */
type Asked = AskedFor & { readonly id: string };

/** Which answers of a stream belong to which of its requests. */
export interface StreamExchange {
  /** How many requests have not had their last answer. */
  readonly unanswered: number;
  /** Whether anything was answered. */
  readonly hasAnswerBegun: boolean;
  /** @throws ServiceError `invalid_argument` as toInferMessage */
  toMessage(request: TritonInferRequest): InferRequestMessage;
  /** @throws ServiceError `upstream_error` when the answer, or the error, belongs to no request */
  fromMessage(message: StreamResponseMessage): TritonStreamMessage;
}

/**
 * Begins with no requests. A request without an id, or with one that an unfinished request of the stream has, gets one
 * for the wire alone; so an answer always finds its request.
 * @param remainingMs what is left of the call's deadline, for the queue time `'remaining'`
 */
export function createStreamExchange(remainingMs: () => number): StreamExchange {
  const unfinished = new Map<string, Asked>();
  let hasAnswerBegun = false;
  return {
    get unanswered() {
      return unfinished.size;
    },
    get hasAnswerBegun() {
      return hasAnswerBegun;
    },
    toMessage: (request) => {
      const message = toInferMessage(request, remainingMs);
      const { model, outputs, id = '' } = request;
      const wireId = id === '' || unfinished.has(id) ? randomUUID() : id;
      unfinished.set(wireId, { model, id, ...(outputs !== undefined && { outputs }) });
      return { ...message, id: wireId, parameters: { ...message.parameters, ...ASKS_FOR_FINAL } };
    },
    fromMessage: ({ error_message: errorText, infer_response: response }) => {
      hasAnswerBegun = true;
      const wireId = response?.id ?? '';
      const asked = unfinished.get(wireId);
      if (asked === undefined) {
        if (errorText !== '') throw errorOf(STREAM_SUBJECT, errorText);
        throw invalidAnswer(STREAM_SUBJECT, `it belongs to no request (${JSON.stringify(excerpt(wireId))})`);
      }
      const { triton_final_response: final, ...parameters } = response?.parameters ?? {};
      // A request that is refused has no such parameter, and no further answer.
      const isFinal = final?.bool_param ?? true;
      if (isFinal) unfinished.delete(wireId);
      const head = { id: asked.id, isFinal };
      if (response === null || errorText !== '') return { ...head, error: errorOf(subjectOf(asked), errorText) };
      try {
        return { ...head, result: resultOf(asked, { ...response, id: asked.id, parameters }) };
      } catch (error) {
        return { ...head, error: toClientError(error) };
      }
    },
  };
}

/** An answer without outputs says no more than that it is the last one: it holds none of those asked for. */
function resultOf(asked: Asked, response: InferResponseMessage): TritonInferResult {
  const isEmpty = response.outputs.length === 0;
  return fromInferMessage(isEmpty ? { model: asked.model } : asked, response);
}

/** In a stream Triton tells the words of an error, not its status. */
function errorOf(subject: string, text: string) {
  return answeredWithError({
    subject,
    upstream: { status: 'UNKNOWN', text },
    isTemporary: false,
    cause: new Error(text),
  });
}
