/** What a span may be told of; names by OpenTelemetry's semantic conventions where they have one. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A piece of work in a trace. */
export interface Span {
  /** By which the trace is found, 32 hexadecimal digits, for logs; absent when nothing is traced. */
  readonly traceId?: string;
  /** Begins a piece of work within this one. */
  child(name: string, attributes?: SpanAttributes, kind?: 'internal' | 'client'): Span;
  /** Adds to what is told of it. */
  set(attributes: SpanAttributes): void;
  /** Ends it; `error` is what it failed with. Safe to call twice. */
  end(error?: unknown): void;
  /** The headers by which a neighbour goes on with the trace within this span; none when nothing is traced. */
  headers(): Readonly<Record<string, string>>;
}

/** The span of what is not traced; it costs nothing. */
export const NO_SPAN: Span = {
  child: () => NO_SPAN,
  set: () => undefined,
  end: () => undefined,
  headers: () => NO_HEADERS,
};

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});
