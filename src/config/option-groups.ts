import * as z from 'zod';
import { lifeOptions } from './options/life.js';
import { limitOptions } from './options/limits.js';
import { observabilityOptions } from './options/observability.js';
import { portOptions } from './options/ports.js';
import { allPredictorsOptions, predictorOptions } from './options/predictor.js';
import { securityOptions } from './options/security.js';
import { servedModelOptions } from './options/served-model.js';

/*
 * Every option has one name: of its flag, of its environment variable (in capitals) and of its key in the configuration
 * file. Names and meanings are those of KServe's Python SDK where it has the option. A transformer's own options are
 * listed by the registry.
 */

/** Options that belong together. */
export interface OptionGroup {
  readonly title: string;
  readonly options: z.ZodObject;
  /** Whether each entry of `models` may have its own. */
  readonly isPerModel: boolean;
}

/** The options that each served model may have of its own. */
export const modelOptions = z.object({ ...servedModelOptions.shape, ...predictorOptions.shape });

/** The options that there are once for the whole process. */
export const processOptions = z.object({
  ...allPredictorsOptions.shape,
  ...portOptions.shape,
  ...securityOptions.shape,
  ...limitOptions.shape,
  ...lifeOptions.shape,
  ...observabilityOptions.shape,
});

/** Every option there is, for whoever shows them. */
export function optionGroups(transformers: Readonly<Record<string, z.ZodObject>>): OptionGroup[] {
  return [
    { title: 'Served model', options: servedModelOptions, isPerModel: true },
    { title: 'Its predictor', options: predictorOptions, isPerModel: true },
    { title: 'All predictors', options: allPredictorsOptions, isPerModel: false },
    { title: 'Ports', options: portOptions, isPerModel: false },
    { title: 'Security and headers', options: securityOptions, isPerModel: false },
    { title: 'Limits', options: limitOptions, isPerModel: false },
    { title: 'Readiness and shutdown', options: lifeOptions, isPerModel: false },
    { title: 'Log and CloudEvents', options: observabilityOptions, isPerModel: false },
    ...Object.entries(transformers).map(([name, options]) => ({
      title: `Transformer ${name}`,
      options,
      isPerModel: true,
    })),
  ];
}
