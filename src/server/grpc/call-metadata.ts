import type { Metadata } from '@grpc/grpc-js';
import type { CallState } from '../call-state.js';
import type { ReceivedHeaders } from '../header-forwarding.js';

/** What metadata may be written with (github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md, "Custom-Metadata"). */
const LEGAL_NAME = /^[0-9a-z_.-]+$/;
const LEGAL_VALUE = /^[\x20-\x7e]*$/;

/** Names that end so have bytes for values; nothing here reads or writes such. */
const BINARY_SUFFIX = '-bin';

/** The metadata of a call as headers. */
export function headersOf(metadata: Metadata): ReceivedHeaders {
  const entries = Object.entries(metadata.toJSON()).filter(([name]) => !name.endsWith(BINARY_SUFFIX));
  return Object.fromEntries(
    entries.map(([name, values]) => {
      const texts = values.map(String);
      return [name, texts.length === 1 ? texts[0] : texts];
    }),
  );
}

/**
 * Puts the request id, and the predictor's headers that go back to the client, into an answer's metadata; what cannot
 * stand there is left out.
 */
export function setAnswerMetadata(
  metadata: Metadata,
  { requestId, answerHeaders }: Pick<CallState, 'requestId' | 'answerHeaders'>,
): void {
  for (const [name, value] of answerHeaders) {
    if (LEGAL_NAME.test(name) && !name.endsWith(BINARY_SUFFIX) && LEGAL_VALUE.test(value)) metadata.set(name, value);
  }
  metadata.set('x-request-id', requestId);
}

/** How long a call's client still waits, in milliseconds; undefined when it does not say (a deadline of Infinity). */
export function remainingMs(deadline: Date | number): number | undefined {
  return deadline === Infinity ? undefined : Math.max(0, Number(deadline) - Date.now());
}
