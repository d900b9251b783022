import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import * as z from 'zod';
import { anyText, httpUrl, pairs, ratio, secretPairs, wholeNumber, word, words } from './tracing-variables.js';

const EXPORTERS = ['otlp', 'console'] as const;
const PROPAGATORS = ['tracecontext', 'baggage', 'b3', 'b3multi', 'none'] as const;
const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
const PROTOCOL = 'http/protobuf';
const PROTOCOLS = [PROTOCOL, 'http/json', 'grpc'] as const;

/** Where spans go. */
export type ExporterName = (typeof EXPORTERS)[number];

/** How the trace context stands in headers. */
export type PropagatorName = Exclude<(typeof PROPAGATORS)[number], 'none'>;

/** Which traces are recorded. */
export type SamplerName = (typeof SAMPLERS)[number];

/** How requests are traced. */
export interface TracingSettings {
  readonly exporters: readonly ExporterName[];
  readonly otlp: {
    readonly url: URL;
    readonly headers: Readonly<Record<string, string>>;
    readonly timeoutMs: number;
    readonly compression: 'gzip' | 'none';
    /** Paths of PEM files. */
    readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  };
  readonly propagators: readonly PropagatorName[];
  readonly sampler: { readonly name: SamplerName; readonly ratio: number };
  readonly batches: {
    readonly maxQueueSize: number;
    readonly maxExportBatchSize: number;
    readonly scheduledDelayMillis: number;
    readonly exportTimeoutMillis: number;
  };
  /** What the spans of this process have in common. */
  readonly resource: Readonly<Record<string, string>>;
}

/** The variables that are read whenever tracing is on; the specification's defaults stand at their use. */
const VARIABLES = z.object({
  OTEL_TRACES_EXPORTER: words(EXPORTERS),
  OTEL_SERVICE_NAME: anyText(),
  OTEL_RESOURCE_ATTRIBUTES: pairs(),
  OTEL_PROPAGATORS: words(PROPAGATORS),
  OTEL_TRACES_SAMPLER: word(SAMPLERS),
  OTEL_TRACES_SAMPLER_ARG: ratio(),
  OTEL_BSP_MAX_QUEUE_SIZE: wholeNumber({ min: 1 }),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: wholeNumber({ min: 1 }),
  OTEL_BSP_SCHEDULE_DELAY: wholeNumber({ min: 0 }),
  OTEL_BSP_EXPORT_TIMEOUT: wholeNumber({ min: 1 }),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl(),
  OTEL_EXPORTER_OTLP_PROTOCOL: word(PROTOCOLS),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: word(PROTOCOLS),
  OTEL_EXPORTER_OTLP_HEADERS: secretPairs(),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: secretPairs(),
  OTEL_EXPORTER_OTLP_TIMEOUT: wholeNumber({ min: 1 }),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: wholeNumber({ min: 1 }),
  OTEL_EXPORTER_OTLP_COMPRESSION: word(['gzip', 'none']),
  OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: word(['gzip', 'none']),
  OTEL_EXPORTER_OTLP_CERTIFICATE: anyText(),
  OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: anyText(),
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: anyText(),
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: anyText(),
  OTEL_EXPORTER_OTLP_CLIENT_KEY: anyText(),
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: anyText(),
});

type Variables = z.output<typeof VARIABLES>;

const ENDPOINTS = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] as const;

/** Where receivers listen for what is not spoken here; it stands in many a shared configuration. */
const GRPC_PORT = '4317';

/** Where an OTLP receiver listens by default: the collector of the same host. */
const DEFAULT_ENDPOINT = new URL('http://localhost:4318');

/** How the service calls itself where the environment does not say. */
interface Service {
  readonly serviceName: string;
  readonly serviceVersion: string;
}

/**
 * Reads how requests are traced; no settings when they are not to be traced, or when something is wrong: then `problems`
 * says all that is.
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function readTracingSettings({
  env,
  ...service
}: Service & { readonly env: Readonly<Record<string, string | undefined>> }): {
  readonly settings: TracingSettings | undefined;
  readonly warnings: readonly string[];
  readonly problems: readonly string[];
} {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => (value ?? '').trim() !== ''));
  if (!isWanted(given)) return { settings: undefined, warnings: [], problems: [] };
  const { data: variables, error } = VARIABLES.safeParse(given);
  if (variables === undefined) {
    const problems = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    return { settings: undefined, warnings: [], problems };
  }
  const exporters = variables.OTEL_TRACES_EXPORTER ?? ['otlp'];
  const otlp = otlpSettings(variables);
  return {
    settings: {
      exporters,
      otlp,
      propagators: (variables.OTEL_PROPAGATORS ?? ['tracecontext', 'baggage']).filter((name) => name !== 'none'),
      sampler: {
        name: variables.OTEL_TRACES_SAMPLER ?? 'parentbased_always_on',
        ratio: variables.OTEL_TRACES_SAMPLER_ARG ?? 1,
      },
      batches: batchSettings(variables),
      resource: resourceAttributes(variables, service),
    },
    warnings: exporters.includes('otlp') ? protocolWarnings(variables, otlp.url) : [],
    problems: [],
  };
}

function isWanted(given: Readonly<Record<string, string | undefined>>): boolean {
  if (given['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return false;
  const exporters = given['OTEL_TRACES_EXPORTER'];
  if (exporters !== undefined) return !exporters.split(',').some((name) => name.trim().toLowerCase() === 'none');
  return ENDPOINTS.some((name) => given[name] !== undefined);
}

/** The variables of traces win over those of all signals; headers of both are sent. */
function otlpSettings(variables: Variables): TracingSettings['otlp'] {
  const ca = variables.OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE ?? variables.OTEL_EXPORTER_OTLP_CERTIFICATE;
  const cert =
    variables.OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE ?? variables.OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE;
  const key = variables.OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY ?? variables.OTEL_EXPORTER_OTLP_CLIENT_KEY;
  return {
    url:
      variables.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ??
      tracesPath(variables.OTEL_EXPORTER_OTLP_ENDPOINT ?? DEFAULT_ENDPOINT),
    headers: { ...variables.OTEL_EXPORTER_OTLP_HEADERS, ...variables.OTEL_EXPORTER_OTLP_TRACES_HEADERS },
    timeoutMs: variables.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT ?? variables.OTEL_EXPORTER_OTLP_TIMEOUT ?? 10_000,
    compression: variables.OTEL_EXPORTER_OTLP_TRACES_COMPRESSION ?? variables.OTEL_EXPORTER_OTLP_COMPRESSION ?? 'none',
    tls: { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) },
  };
}

/** An endpoint for all signals is a base, below which each has its path. */
function tracesPath(base: URL): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`;
  return url;
}

function batchSettings(variables: Variables): TracingSettings['batches'] {
  const maxQueueSize = variables.OTEL_BSP_MAX_QUEUE_SIZE ?? 2048;
  return {
    maxQueueSize,
    maxExportBatchSize: Math.min(variables.OTEL_BSP_MAX_EXPORT_BATCH_SIZE ?? 512, maxQueueSize),
    scheduledDelayMillis: variables.OTEL_BSP_SCHEDULE_DELAY ?? 5000,
    exportTimeoutMillis: variables.OTEL_BSP_EXPORT_TIMEOUT ?? 30_000,
  };
}

/** https://opentelemetry.io/docs/specs/semconv/resource/ */
function resourceAttributes(variables: Variables, { serviceName, serviceVersion }: Service): Record<string, string> {
  return {
    'service.name': serviceName,
    'service.version': serviceVersion,
    'service.instance.id': randomUUID(),
    'host.name': hostname(),
    ...variables.OTEL_RESOURCE_ATTRIBUTES,
    ...(variables.OTEL_SERVICE_NAME !== undefined && { 'service.name': variables.OTEL_SERVICE_NAME }),
  };
}

function protocolWarnings(variables: Variables, { port }: URL): readonly string[] {
  const asked = variables.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? variables.OTEL_EXPORTER_OTLP_PROTOCOL ?? PROTOCOL;
  const reason =
    asked === PROTOCOL
      ? port === GRPC_PORT && `The endpoint's port ${GRPC_PORT} is usually OTLP's over gRPC`
      : `OTEL_EXPORTER_OTLP_PROTOCOL asks for ${asked}`;
  if (reason === false) return [];
  return [`${reason}, but traces are sent as ${PROTOCOL}: to the collector's HTTP port, 4318 by default`];
}
