import {
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  type Span as RecordedSpan,
  ROOT_CONTEXT,
  SpanKind,
  type TextMapPropagator,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import type { Span, SpanAttributes } from '../span.js';
import type { TraceHeaders } from '../tracing.js';
import { recordFailure } from './failure.js';

/** What spans are made with. */
export interface SpanParts {
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
}

/** What all spans of one request share. */
interface RequestParts extends SpanParts {
  /** Milliseconds since 1970, with fractions. */
  readonly now: () => number;
}

const KINDS = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT, server: SpanKind.SERVER } as const;

/** A span to be begun. */
interface SpanStart {
  readonly name: string;
  readonly kind: keyof typeof KINDS;
  readonly attributes: SpanAttributes;
  /** What it is part of. */
  readonly parent: Context;
}

/** Begins the span of a request, within the trace that its headers name. */
export function startRequestSpan(
  parts: SpanParts,
  { name, headers, attributes }: { name: string; headers: TraceHeaders; attributes: SpanAttributes },
): Span {
  const parent = parts.propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
  return startSpan({ ...parts, now: startClock() }, { name, kind: 'server', attributes, parent });
}

/**
 * A clock for one request. The SDK's own takes whole milliseconds for each span's begin, too coarse for stages that take
 * one or two; here only the first span's is rounded, and all keep their distances.
 */
function startClock(): () => number {
  const offset = Date.now() - performance.now();
  return () => offset + performance.now();
}

/** Of what the sampler leaves out, the trace's context alone is handed on. */
function startSpan(parts: RequestParts, { name, kind, attributes, parent }: SpanStart): Span {
  const options = { kind: KINDS[kind], attributes, startTime: parts.now() };
  const span = parts.tracer.startSpan(name, options, parent);
  const context = trace.setSpan(parent, span);
  return span.isRecording()
    ? new TracedSpan(parts, { span, kind: options.kind, context })
    : unrecorded(parts, { traceId: span.spanContext().traceId, context });
}

class TracedSpan implements Span {
  readonly traceId: string;
  readonly #parts: RequestParts;
  readonly #span: RecordedSpan;
  readonly #kind: SpanKind;
  readonly #context: Context;
  #hasEnded = false;

  constructor(parts: RequestParts, { span, kind, context }: { span: RecordedSpan; kind: SpanKind; context: Context }) {
    this.#parts = parts;
    this.#span = span;
    this.#kind = kind;
    this.#context = context;
    this.traceId = span.spanContext().traceId;
  }

  child(name: string, attributes: SpanAttributes = {}, kind: 'internal' | 'client' = 'internal'): Span {
    return startSpan(this.#parts, { name, kind, attributes, parent: this.#context });
  }

  set(attributes: SpanAttributes): void {
    if (!this.#hasEnded) this.#span.setAttributes(attributes);
  }

  end(error?: unknown): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const time = this.#parts.now();
    if (error !== undefined) recordFailure(this.#span, { kind: this.#kind, thrown: error, time });
    this.#span.end(time);
  }

  headers(): Readonly<Record<string, string>> {
    return headersOf(this.#parts, this.#context);
  }
}

/** Within a span that is not recorded none is: so the samplers decide, whose parents' decision is theirs. */
function unrecorded(parts: RequestParts, { traceId, context }: { traceId: string; context: Context }): Span {
  const span: Span = {
    traceId,
    child: () => span,
    set: () => undefined,
    end: () => undefined,
    headers: () => headersOf(parts, context),
  };
  return span;
}

function headersOf({ propagator }: SpanParts, context: Context): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  propagator.inject(context, headers, defaultTextMapSetter);
  return headers;
}
