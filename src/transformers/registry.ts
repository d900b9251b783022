import type * as z from 'zod';
import { cifar10Options } from './cifar10/options.js';
import { faceQualityOptions } from './facequality/options.js';
import { helmetDetectionOptions } from './helmet-detection/options.js';
import { licensePlateOptions } from './license-plate/options.js';
import { mnistOptions } from './mnist/options.js';
import { passthroughOptions } from './passthrough/options.js';
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
  /** Loads what makes it: its code and libraries, which a process that does not serve it need not wait for. */
  readonly load: () => Promise<(services: TransformerServices, options: z.output<Options>) => Created>;
}

/** Every transformer there is, by the name that `--transformer` takes. A new one is a folder and a line here. */
const TRANSFORMERS: Readonly<Record<string, TransformerEntry>> = {
  facequality: entry({
    options: faceQualityOptions,
    load: async () => (await import('./facequality/index.js')).createFaceQuality,
  }),
  cifar10: entry({
    options: cifar10Options,
    load: async () => (await import('./cifar10/index.js')).createCifar10,
  }),
  helmet_detection: entry({
    options: helmetDetectionOptions,
    load: async () => (await import('./helmet-detection/index.js')).createHelmetDetection,
  }),
  license_plate: entry({
    options: licensePlateOptions,
    load: async () => (await import('./license-plate/index.js')).createLicensePlate,
  }),
  mnist: entry({
    options: mnistOptions,
    load: async () => (await import('./mnist/index.js')).createMnist,
  }),
  text_classification: entry({
    options: textClassificationOptions,
    load: async () => (await import('./text-classification/index.js')).createTextClassification,
  }),
  passthrough: requestEntry({
    options: passthroughOptions,
    load: async () => (await import('./passthrough/index.js')).createPassthrough,
  }),
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
export async function createTransformer(
  name: string,
  services: TransformerServices,
  options: Readonly<Record<string, unknown>>,
): Promise<CreatedTransformer> {
  const found = TRANSFORMERS[name];
  if (found === undefined) throw new Error(`no transformer ${name}`);
  const create = await found.load();
  return create(services, options);
}

/** A transformer that works on items. */
function entry<Options extends z.ZodObject>(given: TransformerEntry<Options, AnyTransformer>): TransformerEntry {
  return tied(given, (transformer) => ({ kind: 'items', transformer }));
}

/** One that hands requests on whole. */
function requestEntry<Options extends z.ZodObject>(
  given: TransformerEntry<Options, RequestTransformer>,
): TransformerEntry {
  return tied(given, (transformer) => ({ kind: 'requests', transformer }));
}

/** Ties an entry's options to what it makes; the schema has parsed what that receives. */
function tied<Options extends z.ZodObject, Made>(
  { options, load }: TransformerEntry<Options, Made>,
  toCreated: (made: Made) => CreatedTransformer,
): TransformerEntry {
  return {
    options,
    load: async () => {
      const create = await load();
      return (services, given) => toCreated(create(services, given as z.output<Options>));
    },
  };
}
