import { NO_SPAN, type Span, type SpanAttributes } from './span.js';

/** Headers of a request, or its gRPC metadata; names in lower case. */
export type TraceHeaders = Readonly<Record<string, unknown>>;

/** Where requests are traced. */
export interface Tracing {
  /**
   * Begins the span of a request that a client sent. It goes on with the client's trace where the headers name one that
   * the configured propagators understand, else it begins a trace.
   * @param name low in variety, `POST /v1/models/{name}:predict`
   */
  startRequest(name: string, headers: TraceHeaders, attributes: SpanAttributes): Span;
  /** Sends what is not sent yet, within a bounded time. Safe to call twice. */
  close(): Promise<void>;
}

/** Traces nothing. */
export const NO_TRACING: Tracing = {
  startRequest: () => NO_SPAN,
  close: () => Promise.resolve(),
};
