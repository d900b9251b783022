import { randomUUID } from 'node:crypto';
import { toCallOptions } from '../network-predictor.js';
import type { InferRequest, Predictor, StreamedInferResponse } from '../predictor.js';
import type { TritonStreamMessage } from './inference.js';
import { toInferResponse, toTritonRequest, wantsEmptyFinal } from './predictor-request.js';
import type { TritonClient } from './triton-client.js';

/** What is known of a request until its last message. */
interface Asked {
  /** The request's own; '' when it has none. */
  readonly id: string;
  readonly wantsEmptyFinal: boolean;
}

/**
 * A client's streams, as a predictor has them. Every result says by the parameter `triton_final_response` whether it is
 * its request's last message. One that holds nothing else is given only to those who asked for it by
 * `triton_enable_empty_final_response`, as Triton does.
 */
export function createPredictorStream(
  client: Pick<TritonClient, 'inferStream'>,
): NonNullable<Predictor['inferStream']> {
  return async function* (requests, options) {
    const unfinished = new Map<string, Asked>();
    const toSend = async function* () {
      for await (const request of requests) {
        const id = keyOf(request);
        unfinished.set(id, { id: request.id ?? '', wantsEmptyFinal: wantsEmptyFinal(request) });
        yield { ...toTritonRequest(request), id };
      }
    };
    for await (const message of client.inferStream(toSend(), toCallOptions(options))) {
      // Of two requests with one id the first to end has taken what was known.
      const asked = unfinished.get(message.id) ?? { id: message.id, wantsEmptyFinal: true };
      if (message.isFinal) unfinished.delete(message.id);
      if (!isEmpty(message) || asked.wantsEmptyFinal) yield toStreamed(message, asked.id);
    }
  };
}

/** A request without an id gets one here, so that its messages are told from those of others. */
function keyOf({ id = '' }: InferRequest): string {
  return id === '' ? randomUUID() : id;
}

/** Whether a message says no more than that it is the last. */
function isEmpty({ isFinal, result }: TritonStreamMessage): boolean {
  return isFinal && result?.outputs.size === 0;
}

function toStreamed({ isFinal, result, error }: TritonStreamMessage, id: string): StreamedInferResponse {
  if (error !== undefined) return { id, error };
  const response = toInferResponse(result);
  return { id, response: { ...response, parameters: { ...response.parameters, triton_final_response: isFinal } } };
}
