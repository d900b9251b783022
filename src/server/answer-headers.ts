import type { Response } from 'express';
import type { CallState } from './call-state.js';

/** Puts the predictor's headers that go back to the client onto the answer; our own are not overwritten. */
export function setAnswerHeaders(response: Response, { answerHeaders }: CallState): void {
  for (const [name, value] of answerHeaders) {
    if (!response.hasHeader(name)) response.set(name, value);
  }
}
