import * as z from 'zod';
import { excerpt, ServiceError } from '../../errors.js';
import { isCredentials } from './calls/authorization.js';
import type { TritonClientOptions } from './client-options.js';
import type { TritonCallOptions } from './triton-client.js';

/** The longest time that a timer of Node takes; a longer one would be over at once. */
export const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** As many as gRPC allows (https://github.com/grpc/proposal/blob/master/A6-client-retries.md, `maxAttempts`). */
const MAX_ATTEMPTS = 5;

/** More connections than this to one server are a mistake. */
const MAX_CHANNELS = 256;

/** What is shown of a value in a message; nothing of those that may hold secrets. */
const SECRETIVE: readonly PropertyKey[] = ['auth', 'headers', 'tls'];

const milliseconds = accepting(
  `a number of milliseconds above 0, up to ${MAX_TIMEOUT_MS}`,
  (value) => isWithin(value, 0, MAX_TIMEOUT_MS) && value !== 0,
);
const ratio = accepting('a number from 0 to 1', (value) => isWithin(value, 0, 1));
const flag = accepting('true or false', (value) => typeof value === 'boolean');
const text = accepting('text', (value) => typeof value === 'string');
const pem = accepting('PEM as text or bytes', (value) => typeof value === 'string' || value instanceof Uint8Array);
const compression = accepting("'none', 'gzip' or 'deflate'", (value) =>
  ['none', 'gzip', 'deflate'].includes(String(value)),
);

const FIELDS = {
  concurrency: wholeNumber(1, Number.MAX_SAFE_INTEGER),
  maxQueue: wholeNumber(0, Infinity),
  timeoutMs: milliseconds,
  connectTimeoutMs: milliseconds,
  maxAnswerBytes: wholeNumber(1, Infinity),
  channels: wholeNumber(1, MAX_CHANNELS),
  compression,
  acceptsCompressed: flag,
  tls: z
    .strictObject({ ca: pem, cert: pem, key: pem, serverName: text, rejectUnauthorized: flag })
    .partial()
    .refine(({ cert, key }) => (cert === undefined) === (key === undefined), 'must hold cert and key only together'),
  keepAlive: z.strictObject({
    timeMs: milliseconds,
    timeoutMs: milliseconds.optional(),
    isWithoutCalls: flag.optional(),
  }),
  headers: z.record(z.string(), text),
  auth: accepting(
    '{ bearer } or { username, password }, or a function that brings one of them',
    (value) => typeof value === 'function' || isCredentials(value),
  ),
  forwardHeaders: accepting("a list of headers' names, or 'all'", (value) => value === 'all' || isListOfTexts(value)),
  retries: z
    .strictObject({
      attempts: wholeNumber(2, MAX_ATTEMPTS),
      baseDelayMs: milliseconds,
      maxDelayMs: milliseconds,
      budgetRatio: ratio,
    })
    .partial(),
  logger: accepting('a logger with info() and warn()', isLogger),
  checksRequests: flag,
} satisfies Record<keyof TritonClientOptions, z.ZodType>;

const clientOptionsSchema = z.strictObject(FIELDS).partial();
const callOptionsSchema = z.object({ timeoutMs: milliseconds, compression }).partial();
const CALL_OPTIONS = {
  timeoutMs: true,
  compression: true,
  signal: true,
  headers: true,
  onResponseHeaders: true,
} satisfies Record<keyof TritonCallOptions, true>;

/**
 * Checks a client's options.
 * @throws ServiceError `invalid_argument`, which names the first that is wrong, what it takes and what was given
 */
export function assertClientOptions(options: TritonClientOptions): void {
  assertValid(clientOptionsSchema, options, 'The option');
}

/**
 * Checks a call's options.
 * @throws ServiceError `invalid_argument` as assertClientOptions
 */
export function assertCallOptions(options: TritonCallOptions): void {
  for (const name in options) {
    if (!Object.hasOwn(CALL_OPTIONS, name)) {
      throw new ServiceError('invalid_argument', `The call's option ${excerpt(name)} is not known`);
    }
  }
  const { onResponseHeaders }: { onResponseHeaders?: unknown } = options;
  if (onResponseHeaders !== undefined && typeof onResponseHeaders !== 'function') {
    throw new ServiceError('invalid_argument', "The call's option onResponseHeaders must be a function");
  }
  // Most calls have neither of the others, and there are thousands of them a second.
  if (options.timeoutMs === undefined && options.compression === undefined) return;
  assertValid(callOptionsSchema, options, "The call's option");
}

function assertValid(schema: z.ZodType, value: unknown, what: string): void {
  const issue = schema.safeParse(value, { reportInput: true }).error?.issues[0];
  if (issue !== undefined) throw new ServiceError('invalid_argument', `${what} ${problemOf(issue)}`);
}

function problemOf(issue: z.core.$ZodIssue): string {
  const { path, input } = issue;
  if (issue.code === 'unrecognized_keys') return `${[...path, issue.keys[0]].join('.')} is not known`;
  const expected = issue.code === 'invalid_type' ? `must be of type ${issue.expected}` : issue.message;
  const isShown = !SECRETIVE.includes(path[0] ?? '') && ['string', 'number', 'boolean'].includes(typeof input);
  return `${path.join('.')} ${expected}${isShown ? `; received ${excerpt(JSON.stringify(String(input)))}` : ''}`;
}

/** A value of which a test says whether it is one. */
function accepting(words: string, isOne: (value: unknown) => boolean) {
  return z.unknown().refine(isOne, `must be ${words}`);
}

/** A whole number within a range, both ends included; Infinity is one where it is the end. */
function wholeNumber(min: number, max: number) {
  const words = max === Infinity ? `a whole number from ${min}, or Infinity` : `a whole number from ${min} to ${max}`;
  return accepting(words, (value) => isWithin(value, min, max) && (Number.isInteger(value) || value === Infinity));
}

function isWithin(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && value >= min && value <= max;
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((element) => typeof element === 'string');
}

function isLogger(value: unknown): boolean {
  const methods = ['info', 'warn'];
  return (
    typeof value === 'object' &&
    value !== null &&
    methods.every((name) => typeof Reflect.get(value, name) === 'function')
  );
}
