import { parseArgs } from 'node:util';
import type { ExtraInfo } from 'common-data-type';
import * as z from 'zod';
import { EXPECTED_URL, toBaseUrl } from './base-url.js';
import { excerpt } from './client-error.js';
import { OTHER, SERVICE_NAMES, SERVICES, serviceNamed } from './services/registry.js';

const DEFAULT_URL = 'http://127.0.0.1:8080';
const DEFAULT_MODEL = 'facequality';
/** The service's own default limit of items per request. */
const MAX_BATCH = 256;
const MAX_CONCURRENCY = 64;
const MAX_TIMEOUT_SECONDS = 86_400;

/** Every option: `value` is how --help calls its argument. */
const OPTIONS = {
  url: { type: 'string', value: 'URL', help: `where the service is ($KSERVER_URL, else ${DEFAULT_URL})` },
  model: { type: 'string', value: 'NAME', help: 'the name under which it is served (facequality)' },
  service: { type: 'string', value: 'NAME', help: 'what it is, where its model has another name; see below' },
  batch: { type: 'string', value: 'N', help: 'inputs per call (16); 1 sends facequality single Requests' },
  concurrency: { type: 'string', value: 'N', help: 'calls on their way at once (1)' },
  timeout: { type: 'string', value: 'SECONDS', help: 'limit of one call (60)' },
  type: { type: 'string', value: 'TEXT', help: 'extra_info.type, echoed by facequality' },
  other: { type: 'string', multiple: true, value: 'KEY=VALUE', help: 'one of extra_info.others; repeatable' },
  header: { type: 'string', multiple: true, value: 'NAME:VALUE', help: 'HTTP header sent with each call; repeatable' },
  token: { type: 'string', value: 'TOKEN', help: 'sent as authorization: Bearer TOKEN' },
  text: { type: 'string', multiple: true, value: 'TEXT', help: 'a text to send, as a .txt file has; repeatable' },
  recursive: { type: 'boolean', help: 'look into folders inside folders' },
  explain: { type: 'boolean', help: 'ask why, too: a second request with each call' },
  annotate: { type: 'string', value: 'FOLDER', help: 'write each picture there, what was found drawn on it' },
  json: { type: 'boolean', help: 'print one JSON document with the answers as they came' },
  quiet: { type: 'boolean', help: 'print no answers and no summary, only errors' },
  help: { type: 'boolean', help: 'print this' },
  version: { type: 'boolean', help: 'print the version' },
} as const satisfies Record<string, { type: 'string' | 'boolean'; multiple?: true; value?: string; help: string }>;

const valuesSchema = z.object({
  url: z
    .string()
    .refine((url) => toBaseUrl(url) !== undefined, EXPECTED_URL)
    .default(DEFAULT_URL),
  model: z.string().min(1, 'expected a name').optional(),
  service: z
    .string()
    .refine((name) => SERVICE_NAMES.includes(name), `expected one of ${SERVICE_NAMES.join(' ')}`)
    .optional(),
  batch: wholeNumber(MAX_BATCH).default(16),
  concurrency: wholeNumber(MAX_CONCURRENCY).default(1),
  timeout: z
    .string()
    .transform(Number)
    .refine((seconds) => seconds > 0 && seconds <= MAX_TIMEOUT_SECONDS, `expected seconds up to ${MAX_TIMEOUT_SECONDS}`)
    .default(60),
  type: z.string().optional(),
  other: z.array(z.string().regex(/^[^=]+=/, 'expected KEY=VALUE')).default([]),
  header: z.array(z.string().regex(/^[\w!#$%&'*+.^`|~-]+:[^\r\n]*$/, 'expected NAME:VALUE')).default([]),
  token: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'expected a token without spaces')
    .optional(),
  text: z.array(z.string().regex(/\S/, 'expected a text')).default([]),
  recursive: z.boolean().default(false),
  explain: z.boolean().default(false),
  annotate: z.string().min(1, 'expected a folder').optional(),
  json: z.boolean().default(false),
  quiet: z.boolean().default(false),
});

/** What to do with which inputs. */
export interface Job {
  readonly paths: readonly string[];
  /** Texts that are inputs themselves. */
  readonly texts: readonly string[];
  readonly url: string;
  readonly model: string;
  /** The name of the service, for the registry. */
  readonly service: string;
  readonly batch: number;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly token: string | undefined;
  readonly extraInfo: ExtraInfo | undefined;
  readonly recursive: boolean;
  readonly explain: boolean;
  readonly annotateFolder: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** What a command line asks for. */
export type Command =
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'send'; readonly job: Job }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] };

/**
 * Understands a command line, without the program's own name. All problems of values are told at once.
 * @param env where `KSERVER_URL` may be
 */
export function parseCommandLine(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Command {
  const parsed = splitArgs(args);
  if (typeof parsed === 'string') return { kind: 'wrong', problems: [parsed] };
  const { values, positionals } = parsed;
  if (values.help === true) return { kind: 'help' };
  if (values.version === true) return { kind: 'version' };

  const given = { ...values, url: values.url ?? env['KSERVER_URL'] };
  const checked = valuesSchema.safeParse(given);
  const wrongValues = checked.error?.issues.map((issue) => toProblem(issue, given)) ?? [];
  const isNothingNamed = positionals.length === 0 && (values.text ?? []).length === 0;
  const problems = isNothingNamed ? ['no FILE or FOLDER is named', ...wrongValues] : wrongValues;
  if (!checked.success || problems.length > 0) return { kind: 'wrong', problems };
  const { timeout, header, type, other, annotate, token, text, model, service, ...same } = checked.data;
  if (service === OTHER && model === undefined)
    return { kind: 'wrong', problems: ['--service other: expected --model'] };
  // The service's own name is the one that it is served under, unless an InferenceService has another.
  const served = model ?? service ?? DEFAULT_MODEL;
  const job: Job = {
    ...same,
    paths: positionals,
    texts: text,
    model: served,
    service: service ?? served,
    timeoutMs: timeout * 1000,
    headers: Object.fromEntries(header.map((line) => splitAt(line, ':')).map(([name, value]) => [name, value.trim()])),
    token,
    extraInfo: toExtraInfo(type, other),
    annotateFolder: annotate,
  };
  const unfit = unfitOptions(job);
  return unfit.length === 0 ? { kind: 'send', job } : { kind: 'wrong', problems: unfit };
}

/** The text of `--help`. */
export function helpText(): string {
  const lines = Object.entries(OPTIONS).map(([name, option]) => {
    const flag = 'value' in option ? `--${name} ${option.value}` : `--${name}`;
    return `  ${flag.padEnd(22)}${option.help}`;
  });
  const services = [...Object.entries(SERVICES), [OTHER, serviceNamed(OTHER)] as const].map(
    ([name, { shows }]) => `  ${name.padEnd(22)}${shows}`,
  );
  return `Usage: kserver_client [options] FILE|FOLDER…

Sends pictures or texts to a service and shows what it answers. A folder stands for the files in it that the service
takes, - for a file on standard input.

${lines.join('\n')}

What is shown goes by --service, else by --model:
${services.join('\n')}

Exit codes: 0 every input was answered, whatever was found in it; 1 an input or a call failed; 2 wrong usage.
`;
}

/** Options that the job's service can do nothing with, a sentence for each. */
function unfitOptions({ model, service: name, texts, explain, annotateFolder, extraInfo }: Job): string[] {
  const service = serviceNamed(name);
  const what = Object.hasOwn(SERVICES, name) ? name : `the model ${excerpt(model)}`;
  const ofAnother = Object.hasOwn(SERVICES, name) ? '' : '; --service says what it is';
  const problems: [boolean, string][] = [
    [texts.length > 0 && !service.takes.includes('text'), `--text: ${what} takes no texts`],
    [explain && service.explanation === undefined, `--explain: ${what} explains nothing`],
    [
      annotateFolder !== undefined && service.draw === undefined,
      `--annotate: nothing is drawn for ${what}${ofAnother}`,
    ],
    [
      extraInfo !== undefined && service.requests?.takesExtraInfo !== true,
      `--type and --other: ${what} takes no extra_info${ofAnother}`,
    ],
  ];
  return problems.filter(([isUnfit]) => isUnfit).map(([, problem]) => problem);
}

function splitArgs(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (thrown) {
    // parseArgs throws for unknown options and missing values, with a message for the user.
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

function toProblem(issue: z.core.$ZodIssue, given: Readonly<Record<string, unknown>>): string {
  const [name = '', index] = issue.path;
  const problem = `--${String(name)}: ${issue.message}`;
  // Terminals and logs are no place for secrets.
  if (name === 'token') return problem;
  const value = given[String(name)];
  const received = Array.isArray(value) ? String(value[Number(index)]) : String(value);
  return `${problem}, received "${excerpt(received)}"`;
}

function wholeNumber(max: number) {
  return z
    .string()
    .regex(/^\d+$/, `expected a whole number from 1 to ${max}`)
    .transform(Number)
    .refine((value) => value >= 1 && value <= max, `expected a whole number from 1 to ${max}`);
}

function toExtraInfo(type: string | undefined, others: readonly string[]): ExtraInfo | undefined {
  if (type === undefined && others.length === 0) return undefined;
  const pairs = others.map((other) => splitAt(other, '=')).map(([key, value]) => ({ key, value }));
  return { ...(type === undefined ? {} : { type }), ...(pairs.length === 0 ? {} : { others: pairs }) };
}

function splitAt(text: string, mark: string): [string, string] {
  const place = text.indexOf(mark);
  return [text.slice(0, place), text.slice(place + mark.length)];
}
