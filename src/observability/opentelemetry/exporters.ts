import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  SimpleSpanProcessor,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import type { Logger } from '../logger.js';
import { createRateLimit } from '../rate-limit.js';
import type { ExporterName, TracingSettings } from '../tracing-settings.js';

/** A receiver that is away would else fill the log, batch by batch. */
const WARNING_INTERVAL_MS = 60_000;

/** Where ended spans go. */
export interface SpanSink {
  readonly processor: SpanProcessor;
  /** Breaks off what is still under way. */
  readonly destroy: () => void;
}

const SINKS = {
  otlp: otlpSink,
  console: () => ({ processor: new SimpleSpanProcessor(new ConsoleSpanExporter()), destroy: () => undefined }),
} satisfies Record<ExporterName, (settings: TracingSettings, logger: Pick<Logger, 'info' | 'warn'>) => SpanSink>;

/** @throws Error of node:fs when a certificate cannot be read, of node:tls when it is none */
export function createSpanSinks(settings: TracingSettings, logger: Pick<Logger, 'info' | 'warn'>): readonly SpanSink[] {
  return settings.exporters.map((name) => SINKS[name](settings, logger));
}

function otlpSink({ otlp, batches }: TracingSettings, logger: Pick<Logger, 'info' | 'warn'>): SpanSink {
  const agent = createAgent(otlp);
  const options = {
    url: otlp.url.href,
    headers: { ...otlp.headers },
    timeoutMillis: otlp.timeoutMs,
    compression: otlp.compression,
    // At the end the whole queue leaves at once; what is over the limit would be dropped.
    concurrencyLimit: Math.ceil(batches.maxQueueSize / batches.maxExportBatchSize) + 1,
    httpAgentOptions: () => agent,
  };
  // The enum of compressions is not exported by this package.
  const exporter = new OTLPTraceExporter(options as ConstructorParameters<typeof OTLPTraceExporter>[0]);
  return {
    processor: new BatchSpanProcessor(watched(exporter, logger), batches),
    destroy: () => {
      agent.destroy();
      // So that what is broken off is not tried again.
      agent.createConnection = () => {
        throw new Error('Tracing has ended');
      };
    },
  };
}

function createAgent({ url, tls }: TracingSettings['otlp']): HttpAgent {
  if (url.protocol === 'http:') return new HttpAgent({ keepAlive: true });
  const files = Object.entries(tls).map(([name, path]) => [name, readFileSync(path)] as const);
  return new HttpsAgent({ keepAlive: true, ...Object.fromEntries(files) });
}

/** Says when spans cannot be sent, how many were lost, and when they are sent again; the batches go on either way. */
function watched(exporter: SpanExporter, logger: Pick<Logger, 'info' | 'warn'>): SpanExporter {
  const warnings = createRateLimit({ intervalMs: WARNING_INTERVAL_MS });
  let dropped = 0;
  let isFailing = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, ({ code, error }) => {
        if (code === ExportResultCode.FAILED) {
          dropped += spans.length;
          isFailing = true;
          if (warnings.pass() !== undefined) {
            logger.warn({ reason: reasonOf(error), droppedSpans: dropped }, 'traces cannot be sent');
            dropped = 0;
          }
        } else if (isFailing) {
          logger.info({ droppedSpans: dropped }, 'traces are sent again');
          isFailing = false;
          dropped = 0;
        }
        done({ code: ExportResultCode.SUCCESS });
      }),
    shutdown: () => exporter.shutdown(),
  };
}

/** Node tells of several addresses that were tried in an AggregateError without a message. */
function reasonOf(error: Error | undefined): string {
  const code = error !== undefined && 'code' in error ? String(error.code) : '';
  return [code, error?.message ?? ''].filter((part) => part !== '').join(': ') || 'no answer';
}
