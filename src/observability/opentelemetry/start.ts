import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { within } from '../../concurrency/within.js';
import type { Logger } from '../logger.js';
import type { TracingSettings } from '../tracing-settings.js';
import type { Tracing } from '../tracing.js';
import { routeDiagnostics } from './diagnostics.js';
import { createSpanSinks } from './exporters.js';
import { createPropagator } from './propagator.js';
import { createSampler } from './sampler.js';
import { startRequestSpan } from './traced-span.js';

/** By which backends tell our spans from those of libraries. */
const TRACER_NAME = 'kserve-transformer';

/**
 * Traces with OpenTelemetry's SDK. Contexts are handed on by hand: nothing is registered globally but where the SDK's
 * own warnings go.
 * @throws Error when a certificate cannot be read
 */
export function startOpenTelemetry(options: {
  settings: TracingSettings;
  logger: Pick<Logger, 'info' | 'warn'>;
  closeTimeoutMs: number;
}): Tracing {
  const { settings, logger, closeTimeoutMs } = options;
  const sinks = createSpanSinks(settings, logger);
  const stopDiagnostics = routeDiagnostics(logger);
  const provider = new BasicTracerProvider({
    resource: defaultResource().merge(resourceFromAttributes(settings.resource)),
    sampler: createSampler(settings.sampler),
    spanProcessors: sinks.map(({ processor }) => processor),
  });
  const propagator = createPropagator(settings.propagators);
  const tracer = provider.getTracer(TRACER_NAME, settings.resource['service.version']);

  const close = async () => {
    const sent = provider.shutdown().then(
      () => true,
      () => false,
    );
    if (!(await within(closeTimeoutMs, sent, () => false)))
      logger.warn({ afterMs: closeTimeoutMs }, 'the last traces were not sent in time');
    for (const { destroy } of sinks) destroy();
    stopDiagnostics();
  };
  let closing: Promise<void> | undefined;

  return {
    startRequest: (name, headers, attributes) =>
      startRequestSpan({ tracer, propagator }, { name, headers, attributes }),
    close: () => (closing ??= close()),
  };
}
