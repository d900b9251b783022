import * as z from 'zod';
import { acceptedBy } from './load-config.js';
import { serviceOptions } from './service-options.js';

/** One option as a reader sees it. */
export interface OptionDescription {
  readonly name: string;
  readonly accepts: string;
  /** As text; undefined when the option has none. */
  readonly defaultValue: string | undefined;
  readonly description: string;
}

/** Every option there is, the service's first, then each transformer's. */
export function describeOptions(transformers: Readonly<Record<string, z.ZodObject>>): OptionDescription[] {
  return [serviceOptions, ...Object.values(transformers)].flatMap((schema) =>
    Object.entries(schema.shape as Record<string, z.ZodType>).map(([name, field]) => ({
      name,
      accepts: acceptedBy(field),
      defaultValue: field instanceof z.ZodDefault ? String(field.def.defaultValue) : undefined,
      description: z.globalRegistry.get(field)?.description ?? '',
    })),
  );
}

/** The text of `--help`. */
export function helpText(transformers: Readonly<Record<string, z.ZodObject>>): string {
  const options = describeOptions(transformers).map(
    ({ name, accepts, defaultValue, description }) =>
      `  --${name}\n      ${description}\n      ${accepts}${defaultValue === undefined ? '' : ` (default ${defaultValue})`}\n`,
  );
  return `kserve-transformer: decodes pictures, calls the predictor's models, chains them and answers in the client's terms.

Usage: node dist --model_name facequality --predictor_host host:8001 [--flag value …]

Flags may be written --flag value or --flag=value, with underscores or hyphens. Each is also an environment variable
(--http_port is HTTP_PORT) and a key of the file that --config names. Flags win over the environment, the environment
wins over the file. Unknown flags are passed over with a warning.

  --config
      YAML file that holds any of the options below
      a file's path

${options.join('\n')}
  --help
      prints this and exits

  --version
      prints the version and exits
`;
}
