import type { Span, SpanAttributes } from '../../src/observability/span.js';
import type { RequestTracing } from '../../src/server/call-state.js';

/** A span as it was recorded. */
export interface RecordedSpan {
  readonly name: string;
  readonly attributes: Record<string, string | number | boolean>;
  readonly children: RecordedSpan[];
  /** How often it was ended, and with which errors. */
  readonly ends: unknown[];
}

/** Traces that are kept. */
export interface RecordingTracing extends RequestTracing {
  /** One per request of a model, in the order of their beginning. */
  readonly spans: RecordedSpan[];
}

export function recordingTracing(): RecordingTracing {
  const spans: RecordedSpan[] = [];
  const start = (siblings: RecordedSpan[], name: string, attributes: SpanAttributes = {}): Span => {
    const recorded: RecordedSpan = { name, attributes: { ...attributes }, children: [], ends: [] };
    siblings.push(recorded);
    return {
      child: (childName, childAttributes) => start(recorded.children, childName, childAttributes),
      set: (more) => void Object.assign(recorded.attributes, more),
      end: (error) => void recorded.ends.push(error),
      headers: () => ({ traceparent: name }),
    };
  };
  return { spans, startRequest: (name, _headers, attributes) => start(spans, name, attributes) };
}
