import * as z from 'zod';
import { serviceOptions } from './service-options.js';
import { type GivenValues, readConfigFile, readEnvironment, readFlags } from './sources.js';

/** `http_port` → `httpPort`. */
type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** The service's options, complete and checked, under camel-case names. */
export type Config = Readonly<{
  [Name in keyof z.output<typeof serviceOptions> as CamelCase<Name>]: z.output<typeof serviceOptions>[Name];
}>;

/** What came of reading the configuration. `problems` is empty exactly when `config` is there. */
export interface LoadedConfig {
  readonly config?: Config;
  /** Each transformer's own options, by transformer. */
  readonly transformerOptions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The name of the transformer to run, one of those given. */
  readonly transformer?: string;
  readonly warnings: readonly string[];
  readonly problems: readonly string[];
}

/** Where a configuration is read from. */
export interface ConfigSources {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Reads the file that `--config` names; throws when it cannot. */
  readonly readFile: (path: string) => string;
  /** The options of each transformer there is. */
  readonly transformers: Readonly<Record<string, z.ZodObject>>;
}

/**
 * Reads flags, environment and configuration file, in this order of precedence, and reports all problems at once.
 * Never throws for what a user gave.
 */
export function loadConfig({ argv, env, readFile, transformers }: ConfigSources): LoadedConfig {
  const schemas = [serviceOptions, ...Object.values(transformers)];
  const names = ['config', ...schemas.flatMap((schema) => Object.keys(schema.shape))];
  const flags = readFlags(argv, names);
  const environment = readEnvironment(env, names);
  const problems = [...flags.problems];
  const warnings = [...flags.warnings, ...environment.warnings];

  const file = flags.values.get('config') ?? environment.values.get('config');
  const fromFile = file === undefined ? undefined : readNamedFile(String(file.value), readFile, names);
  problems.push(...(fromFile?.problems ?? []));
  warnings.push(...(fromFile?.warnings ?? []));

  const given: GivenValues = new Map([...(fromFile?.values ?? []), ...environment.values, ...flags.values]);
  const service = parseOptions(serviceOptions, given);
  problems.push(...service.problems);
  const parsed = Object.entries(transformers).map(([name, schema]) => [name, parseOptions(schema, given)] as const);
  problems.push(...parsed.flatMap(([, { problems }]) => problems));

  if (service.values !== undefined) problems.push(...contradictions(service.values));

  const transformer = service.values?.transformer ?? service.values?.model_name;
  if (transformer !== undefined && !Object.hasOwn(transformers, transformer)) {
    const known = Object.keys(transformers).join(', ');
    problems.push(
      given.has('transformer')
        ? `--transformer: there is no transformer "${transformer}"; the names are ${known}`
        : `--model_name "${transformer}" is not the name of a transformer: say which one to run by --transformer (${known})`,
    );
  }

  const transformerOptions = Object.fromEntries(parsed.map(([name, { values }]) => [name, values ?? {}]));
  if (service.values === undefined || transformer === undefined || problems.length > 0)
    return { transformerOptions, warnings, problems };
  return { config: camelCased(service.values), transformer, transformerOptions, warnings, problems };
}

/** What an option accepts, in words. */
export function acceptedBy(field: z.core.$ZodType): string {
  const inner = field instanceof z.ZodDefault || field instanceof z.ZodOptional ? field.unwrap() : field;
  const accepts = z.globalRegistry.get(inner)?.['accepts'];
  return typeof accepts === 'string' ? accepts : 'text';
}

/** Options that are right each by itself, and cannot be so together. */
function contradictions(values: z.output<typeof serviceOptions>): string[] {
  const noRoom = (budget: 'pixel_budget' | 'body_budget_bytes', largest: 'max_pixels' | 'max_body_bytes') =>
    values[budget] < values[largest]
      ? [`--${budget} ${values[budget]} is less than --${largest} ${values[largest]}`]
      : [];
  return [...noRoom('pixel_budget', 'max_pixels'), ...noRoom('body_budget_bytes', 'max_body_bytes')];
}

function readNamedFile(path: string, readFile: ConfigSources['readFile'], names: readonly string[]) {
  try {
    return readConfigFile(readFile(path), names);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { values: new Map(), warnings: [], problems: [`--config: the file cannot be read: ${reason}`] };
  }
}

function parseOptions<Schema extends z.ZodObject>(schema: Schema, given: GivenValues) {
  const names = Object.keys(schema.shape).filter((name) => given.has(name));
  const result = schema.safeParse(Object.fromEntries(names.map((name) => [name, given.get(name)?.value])));
  const problems = (result.error?.issues ?? []).map((issue) => {
    const name = String(issue.path[0]);
    return `${given.get(name)?.origin ?? `--${name}`} ${issue.message}`;
  });
  return { values: result.data as z.output<Schema> | undefined, problems };
}

function camelCased(values: z.output<typeof serviceOptions>): Config {
  const entries = Object.entries(values).map(([name, value]) => [
    name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.freeze(Object.fromEntries(entries)) as Config;
}
