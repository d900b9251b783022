import type { IncomingHttpHeaders } from 'node:http';
import type { ServerOptions } from 'node:https';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';
import { type OwnServer, serveHttp } from './own-server.js';

/** The fields that are looked at, by https://github.com/open-telemetry/opentelemetry-proto (trace/v1/trace.proto). */
const TRACE_PROTO = `syntax = "proto3";
message Export { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message Resource { repeated KeyValue attributes = 1; }
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
message Scope { string name = 1; string version = 2; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5;
  int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
  repeated Event events = 11; Status status = 15;
}
message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; }
message Status { string message = 2; int32 code = 3; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
`;

const EXPORT = protobuf.parse(TRACE_PROTO).root.lookupType('Export');
const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const STATUSES = ['unset', 'ok', 'error'] as const;

type Attributes = Readonly<Record<string, unknown>>;

/** A span as it came over the wire. */
interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** '' for the first of a trace. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: (typeof KINDS)[number];
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
  readonly status: { readonly code: (typeof STATUSES)[number]; readonly message: string };
  /** Nanoseconds since 1970. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly resource: Attributes;
  readonly scope: { readonly name: string; readonly version: string };
}

/** A receiver of traces, OTLP over HTTP. */
export interface OtlpCollector extends OwnServer {
  /** Without a path. */
  readonly url: string;
  readonly requests: readonly { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** All that came. */
  readonly spans: readonly CollectedSpan[];
  /** The one span of that name. */
  span(name: string): CollectedSpan;
  /** From now on. */
  answerWith(status: number): void;
}

/** @param options.status what every export is answered; none at all when 0 */
export async function startOtlpCollector(
  options: { status?: number; tls?: ServerOptions; onRequest?: () => void } = {},
): Promise<OtlpCollector> {
  const { tls, onRequest } = options;
  let { status = 200 } = options;
  const requests: { path: string; headers: IncomingHttpHeaders }[] = [];
  const spans: CollectedSpan[] = [];
  const server = await serveHttp(
    (request, response) => {
      void request.toArray().then((chunks: Buffer[]) => {
        requests.push({ path: request.url ?? '', headers: request.headers });
        const body = Buffer.concat(chunks);
        spans.push(...decodeSpans(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body));
        onRequest?.();
        if (status !== 0) response.writeHead(status).end();
      });
    },
    tls === undefined ? {} : { tls },
  );
  return Object.assign(server, {
    url: tls === undefined ? `http://127.0.0.1:${server.port}` : `https://localhost:${server.port}`,
    requests,
    spans,
    answerWith: (next: number) => {
      status = next;
    },
    span: (name: string) => {
      const found = spans.filter((span) => span.name === name);
      if (found[0] === undefined || found.length > 1) throw new Error(`${found.length} spans are called ${name}`);
      return found[0];
    },
  });
}

interface WireAttribute {
  readonly key: string;
  /** `value` names the field that is set. */
  readonly value: Readonly<Record<string, unknown>> & { readonly value: string };
}

interface WireSpan {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentSpanId: Uint8Array;
  readonly traceState: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: { toString(): string };
  readonly endTimeUnixNano: { toString(): string };
  readonly attributes: readonly WireAttribute[];
  readonly events: readonly { name: string; attributes: readonly WireAttribute[] }[];
  readonly status: { code: number; message: string } | null;
}

interface WireExport {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly WireAttribute[] };
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string; readonly version: string };
      readonly spans: readonly WireSpan[];
    }[];
  }[];
}

function decodeSpans(body: Buffer): CollectedSpan[] {
  const { resourceSpans } = EXPORT.decode(body) as unknown as WireExport;
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({
        traceId: hex(span.traceId),
        spanId: hex(span.spanId),
        parentSpanId: hex(span.parentSpanId),
        traceState: span.traceState,
        name: span.name,
        kind: KINDS[span.kind] ?? 'unspecified',
        attributes: toAttributes(span.attributes),
        events: span.events.map(({ name, attributes }) => ({ name, attributes: toAttributes(attributes) })),
        status: { code: STATUSES[span.status?.code ?? 0] ?? 'unset', message: span.status?.message ?? '' },
        startNs: BigInt(span.startTimeUnixNano.toString()),
        endNs: BigInt(span.endTimeUnixNano.toString()),
        resource: toAttributes(resource.attributes),
        scope: { name: scope.name, version: scope.version },
      })),
    ),
  );
}

function toAttributes(attributes: readonly WireAttribute[]): Attributes {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const given = value[value.value];
      return [key, value.value === 'intValue' ? Number(given) : given];
    }),
  );
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
