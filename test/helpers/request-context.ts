import { NO_SPAN } from '../../src/observability/span.js';
import type { RequestContext } from '../../src/transformers/transformer.js';

/** What a transformer is given for a request of which nothing is watched. */
export function requestContext(changes: Partial<RequestContext> = {}): RequestContext {
  const { signal } = new AbortController();
  return {
    requestId: 'r1',
    signal,
    call: { signal, headers: { 'x-request-id': 'r1' } },
    span: NO_SPAN,
    addTime: () => undefined,
    addFound: () => undefined,
    ...changes,
  };
}
