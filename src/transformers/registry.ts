import type * as z from 'zod';
import { createCifar10 } from './cifar10/index.js';
import { cifar10Options } from './cifar10/options.js';
import { createFaceQuality } from './facequality/index.js';
import { faceQualityOptions } from './facequality/options.js';
import { createMnist } from './mnist/index.js';
import { mnistOptions } from './mnist/options.js';
import { createHelmetDetection } from './helmet-detection/index.js';
import { helmetDetectionOptions } from './helmet-detection/options.js';
import { createLicensePlate } from './license-plate/index.js';
import { licensePlateOptions } from './license-plate/options.js';
import { createPassthrough } from './passthrough/index.js';
import { passthroughOptions } from './passthrough/options.js';
import { createTextClassification } from './text-classification/index.js';
import { textClassificationOptions } from './text-classification/options.js';
import type { AnyTransformer, RequestTransformer, TransformerServices } from './transformer.js';

/** A transformer, and whether it works on items or hands requests on whole. */
export type CreatedTransformer =
  | { readonly kind: 'items'; readonly transformer: AnyTransformer }
  | { readonly kind: 'requests'; readonly transformer: RequestTransformer };

/** A transformer as the registry lists it. */
interface TransformerEntry<Options extends z.ZodObject = z.ZodObject, Created = CreatedTransformer> {
  /** Its own flags, prefixed with its name. */
  readonly options: Options;
  readonly create: (services: TransformerServices, options: z.output<Options>) => Created;
}

/** Every transformer there is, by the name that `--transformer` takes. A new one is a folder and a line here. */
const TRANSFORMERS: Readonly<Record<string, TransformerEntry>> = {
  facequality: entry({ options: faceQualityOptions, create: createFaceQuality }),
  cifar10: entry({ options: cifar10Options, create: createCifar10 }),
  mnist: entry({ options: mnistOptions, create: createMnist }),
  helmet_detection: entry({ options: helmetDetectionOptions, create: createHelmetDetection }),
  license_plate: entry({ options: licensePlateOptions, create: createLicensePlate }),
  text_classification: entry({ options: textClassificationOptions, create: createTextClassification }),
  passthrough: requestEntry({ options: passthroughOptions, create: createPassthrough }),
};

/** Each transformer's options, for the configuration. */
export const TRANSFORMER_OPTIONS: Readonly<Record<string, z.ZodObject>> = Object.fromEntries(
  Object.entries(TRANSFORMERS).map(([name, { options }]) => [name, options]),
);

/**
 * Makes a transformer by name.
 * @param options as the configuration parsed them for this transformer
 * @throws Error for a name that the registry does not list; the configuration has checked it
 */
export function createTransformer(
  name: string,
  services: TransformerServices,
  options: Readonly<Record<string, unknown>>,
): CreatedTransformer {
  const found = TRANSFORMERS[name];
  if (found === undefined) throw new Error(`no transformer ${name}`);
  return found.create(services, options);
}

/** Ties an entry's options to its own `create`; the schema has parsed what `create` receives. */
function entry<Options extends z.ZodObject>(given: TransformerEntry<Options, AnyTransformer>): TransformerEntry {
  return {
    options: given.options,
    create: (services, options) => ({
      kind: 'items',
      transformer: given.create(services, options as z.output<Options>),
    }),
  };
}

/** The same for one that hands requests on whole. */
function requestEntry<Options extends z.ZodObject>(
  given: TransformerEntry<Options, RequestTransformer>,
): TransformerEntry {
  return {
    options: given.options,
    create: (services, options) => ({
      kind: 'requests',
      transformer: given.create(services, options as z.output<Options>),
    }),
  };
}
