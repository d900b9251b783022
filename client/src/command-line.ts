import { parseArgs } from 'node:util';
import type { ExtraInfo } from 'common-data-type';
import * as z from 'zod';
import { EXPECTED_URL, toBaseUrl } from './base-url.js';
import { excerpt } from './client-error.js';

const DEFAULT_URL = 'http://127.0.0.1:8080';
/** The service's own default limit of items per request. */
const MAX_BATCH = 256;
const MAX_CONCURRENCY = 64;
const MAX_TIMEOUT_SECONDS = 86_400;

/** Every option: `value` is how --help calls its argument. */
const OPTIONS = {
  url: { type: 'string', value: 'URL', help: `where the service is ($KSERVER_URL, else ${DEFAULT_URL})` },
  model: { type: 'string', value: 'NAME', help: 'the name under which it is served (facequality)' },
  batch: { type: 'string', value: 'N', help: 'pictures per call (16); 1 sends single Requests' },
  concurrency: { type: 'string', value: 'N', help: 'calls on their way at once (1)' },
  timeout: { type: 'string', value: 'SECONDS', help: 'limit of one call (60)' },
  type: { type: 'string', value: 'TEXT', help: 'extra_info.type, echoed by the service' },
  other: { type: 'string', multiple: true, value: 'KEY=VALUE', help: 'one of extra_info.others; repeatable' },
  header: { type: 'string', multiple: true, value: 'NAME:VALUE', help: 'HTTP header sent with each call; repeatable' },
  token: { type: 'string', value: 'TOKEN', help: 'sent as authorization: Bearer TOKEN' },
  recursive: { type: 'boolean', help: 'look into folders inside folders' },
  annotate: { type: 'string', value: 'FOLDER', help: 'write each picture there, faces and scores drawn' },
  json: { type: 'boolean', help: 'print one JSON document instead of the table' },
  quiet: { type: 'boolean', help: 'print no table and no summary, only errors' },
  help: { type: 'boolean', help: 'print this' },
  version: { type: 'boolean', help: 'print the version' },
} as const satisfies Record<string, { type: 'string' | 'boolean'; multiple?: true; value?: string; help: string }>;

const valuesSchema = z.object({
  url: z
    .string()
    .refine((url) => toBaseUrl(url) !== undefined, EXPECTED_URL)
    .default(DEFAULT_URL),
  model: z.string().min(1, 'expected a name').default('facequality'),
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
  recursive: z.boolean().default(false),
  annotate: z.string().min(1, 'expected a folder').optional(),
  json: z.boolean().default(false),
  quiet: z.boolean().default(false),
});

/** What to do with which pictures. */
export interface Job {
  readonly paths: readonly string[];
  readonly url: string;
  readonly model: string;
  readonly batch: number;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly token: string | undefined;
  readonly extraInfo: ExtraInfo | undefined;
  readonly recursive: boolean;
  readonly annotateFolder: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** What a command line asks for. */
export type Command =
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'score'; readonly job: Job }
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
  const problems = positionals.length === 0 ? ['no FILE or FOLDER is named', ...wrongValues] : wrongValues;
  if (!checked.success || problems.length > 0) return { kind: 'wrong', problems };
  const { timeout, header, type, other, annotate, token, ...same } = checked.data;
  const job: Job = {
    ...same,
    paths: positionals,
    timeoutMs: timeout * 1000,
    headers: Object.fromEntries(header.map((line) => splitAt(line, ':')).map(([name, value]) => [name, value.trim()])),
    token,
    extraInfo: toExtraInfo(type, other),
    annotateFolder: annotate,
  };
  return { kind: 'score', job };
}

/** The text of `--help`. */
export function helpText(): string {
  const lines = Object.entries(OPTIONS).map(([name, option]) => {
    const flag = 'value' in option ? `--${name} ${option.value}` : `--${name}`;
    return `  ${flag.padEnd(22)}${option.help}`;
  });
  return `Usage: kserver_client [options] FILE|FOLDER…

Sends pictures to a face-quality service and shows the scores. A folder stands for the pictures in it, - for a picture
on standard input.

${lines.join('\n')}

Exit codes: 0 every picture was answered, with or without a face; 1 a picture or a call failed; 2 wrong usage.
`;
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
