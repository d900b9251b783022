import { createRequire } from 'node:module';
import type * as yaml from 'yaml';
import { expectation } from './fields.js';
import { type GivenValues, type SourceReading, toOptionName } from './given-values.js';
import { passedOver } from './kserve-flags.js';

/** The key whose list has an entry for each served model. */
const MODELS = 'models';

/** What the configuration file gave. */
export interface FileReading extends SourceReading {
  /** What each entry of `models` gave, by its place `models[0]`; undefined when there is no such key. */
  readonly models?: readonly ModelEntry[];
}

/** One entry of `models`. */
export interface ModelEntry {
  /** `models[1]` */
  readonly place: string;
  readonly values: GivenValues;
}

/** Loaded by who has a configuration file alone: it takes 30 ms. */
function loadYaml(): Pick<typeof yaml, 'parse'> {
  return createRequire(import.meta.url)('yaml') as typeof yaml;
}

/**
 * Reads the configuration file: YAML (or JSON), one key per option, and `models`. Unknown keys of the file are passed over
 * with a warning; which keys an entry of `models` may have depends on its transformer, so all of them are given back.
 */
export function readConfigFile(content: string, names: ReadonlySet<string>): FileReading {
  let document: unknown;
  try {
    document = loadYaml().parse(content);
  } catch (error) {
    return nothing(`the configuration file is not YAML: ${firstLine(error)}`);
  }
  if (document === null || document === undefined) return nothing();
  if (!isMapping(document)) return nothing('the configuration file does not hold keys and values');
  const { [MODELS]: list, ...options } = document;
  const given = readKeys(options, '');
  const unknown = [...given.keys()].filter((name) => !names.has(name));
  return {
    values: new Map([...given].filter(([name]) => names.has(name))),
    warnings: unknown.map((name) => passedOver(keyOfFile(name), name)),
    problems: [],
    ...(list !== undefined && readModels(list)),
  };
}

/** A key as messages name it. */
function keyOfFile(path: string): string {
  return `key ${path} of the configuration file`;
}

function readModels(list: unknown): Pick<FileReading, 'models' | 'problems'> {
  if (!Array.isArray(list) || list.length === 0)
    return { models: [], problems: [`${keyOfFile(MODELS)} ${expectation('a list of one model or more', list)}`] };
  const entries = list.map((entry: unknown, index) => ({ entry, place: `${MODELS}[${index}]` }));
  return {
    models: entries.flatMap(({ entry, place }) =>
      isMapping(entry) ? [{ place, values: readKeys(entry, `${place}.`) }] : [],
    ),
    problems: entries
      .filter(({ entry }) => !isMapping(entry))
      .map(({ entry, place }) => `${keyOfFile(place)} ${expectation('keys and values', entry)}`),
  };
}

/** A key without a value counts as absent. */
function readKeys(mapping: Readonly<Record<string, unknown>>, prefix: string): GivenValues {
  return new Map(
    Object.entries(mapping)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => {
        const name = toOptionName(key);
        return [name, { value, origin: keyOfFile(prefix + name) }];
      }),
  );
}

function nothing(problem?: string): FileReading {
  return { values: new Map(), warnings: [], problems: problem === undefined ? [] : [problem] };
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '';
}
