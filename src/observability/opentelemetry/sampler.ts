import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import type { SamplerName } from '../tracing-settings.js';

const SAMPLERS = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
  parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
  parentbased_traceidratio: (ratio) => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
} satisfies Record<SamplerName, (ratio: number) => Sampler>;

/**
 * Makes what decides which traces are recorded. Each decides by the trace and by the parent's decision alone, so that
 * within a span that is not recorded none is.
 * @param settings.ratio the share of traces, 0..1
 */
export function createSampler({ name, ratio }: { name: SamplerName; ratio: number }): Sampler {
  return SAMPLERS[name](ratio);
}
