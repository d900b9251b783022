import * as z from 'zod';
import { acceptedBy, optionsOf } from './fields.js';
import type { TransformerOptions } from './model-config.js';
import { optionGroups } from './option-groups.js';

/** One option as a reader sees it. */
export interface OptionDescription {
  /** Of its flag and its key in the file. */
  readonly name: string;
  /** The environment variable. */
  readonly variable: string;
  readonly accepts: string;
  /** As text; undefined when the option has none. */
  readonly defaultValue: string | undefined;
  readonly description: string;
}

/** Options that belong together, as a reader sees them. */
export interface DescribedGroup {
  readonly title: string;
  readonly isPerModel: boolean;
  readonly options: readonly OptionDescription[];
}

/** Every group of options there is, the service's first, then each transformer's. */
export function describeGroups(transformers: TransformerOptions): DescribedGroup[] {
  return optionGroups(transformers).map(({ title, isPerModel, options }) => ({
    title,
    isPerModel,
    options: optionsOf(options).map(([name, option]) => describe(name, option)),
  }));
}

/** Every option there is, in the same order. */
export function describeOptions(transformers: TransformerOptions): OptionDescription[] {
  return describeGroups(transformers).flatMap(({ options }) => options);
}

/** The text of `--help`. */
export function helpText(transformers: TransformerOptions): string {
  const groups = describeGroups(transformers)
    .filter(({ options }) => options.length > 0)
    .map(({ title, options }) => `${title}\n\n${options.map(optionText).join('\n')}`);
  return `kserve-transformer: decodes pictures, calls the predictor's models, chains them and answers in the client's terms.

Usage: node dist --model_name facequality --predictor_host host:8001 [--flag value …]

Flags may be written --flag value or --flag=value, with underscores or hyphens. Each is also an environment variable
(--http_port is HTTP_PORT) and a key of the file that --config names. Flags win over the environment, the environment
wins over the file. Unknown flags are passed over with a warning.

  --config
      YAML file that holds any of the options below, and models: a list of served models with options of their own
      a file's path

${groups.join('\n')}
  --help
      prints this and exits

  --version
      prints the version and exits
`;
}

function optionText({ name, accepts, defaultValue, description }: OptionDescription): string {
  return `  --${name}\n      ${description}\n      ${accepts}${defaultValue === undefined ? '' : ` (default ${defaultValue})`}\n`;
}

function describe(name: string, option: z.core.$ZodType): OptionDescription {
  return {
    name,
    variable: name.toUpperCase(),
    accepts: acceptedBy(option),
    defaultValue: option instanceof z.ZodDefault ? shownDefault(option.def.defaultValue) : undefined,
    description: z.globalRegistry.get(option)?.description ?? '',
  };
}

function shownDefault(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(',');
  return String(value);
}
