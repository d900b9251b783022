import { type ServerResponse, validateHeaderName, validateHeaderValue } from 'node:http';
import type { CallState } from './call-state.js';

/**
 * Puts the predictor's headers that go back to the client onto the answer. Our own are not overwritten, and what HTTP
 * does not let through is left out: an odd header of someone's predictor must not fail the call.
 */
export function setAnswerHeaders(response: ServerResponse, { answerHeaders }: CallState): void {
  for (const [name, value] of answerHeaders) {
    if (!response.hasHeader(name) && isSendable(name, value)) response.setHeader(name, value);
  }
}

function isSendable(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch {
    // Node says why; the client cannot help it.
    return false;
  }
  return true;
}
