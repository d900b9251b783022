import { type ExtraInfo, extraInfoSchema, requestSchema } from 'common-data-type';
import type * as z from 'zod';
import { excerpt, ServiceError } from '../../errors.js';
import { LongText } from '../../long-text.js';
import { firstIssue } from '../first-issue.js';
import { withStrings } from '../long-texts.js';
import { tooManyItems } from '../../transformers/run-transformer.js';
import type { Item, Uploads } from '../../transformers/transformer.js';

/** How the client wants its answer: V1's `predictions`, a MultiResponse, or, to a single Request, what the server is set to. */
type AnswerForm = 'predictions' | 'multi_data' | 'single';

/** One item, or the error that stands in its place, with the extra_info that is echoed in its Response. */
interface V1Item {
  readonly item: Item | ServiceError;
  readonly extraInfo: ExtraInfo | undefined;
}

/** A V1 request in the house's terms. */
export interface V1Request {
  readonly form: AnswerForm;
  readonly items: readonly V1Item[];
}

/** What a served model takes. */
export interface V1Limits {
  readonly maxItems: number;
  /** Whether the model speaks Request and MultiRequest, or `instances` alone. */
  readonly speaksMultiData: boolean;
  /** What uploaded files are; pictures when absent. */
  readonly uploads?: Uploads;
}

/** An extra_info is echoed with each Response, so a large one would come back many times over. */
const MAX_EXTRA_INFO_CHARS = 65_536;

/** Entries of an extra_info's `others`; a schema tells of each one that is wrong. */
const MAX_OTHERS = 1000;

/**
 * Reads the JSON object of a V1 body: a MultiRequest, a Request, or `instances`. A malformed item of a MultiRequest does
 * not fail its neighbours: it becomes that item's error.
 * @throws ServiceError `invalid_argument` for any other object, `payload_too_large` for more than maxItems items
 */
export function parseV1Request(body: Readonly<Record<string, unknown>>, limits: V1Limits): V1Request {
  if (limits.speaksMultiData && 'multi_data' in body) return parseMultiRequest(body, limits.maxItems);
  if (limits.speaksMultiData && 'data' in body) return { form: 'single', items: [parseRequest(body, '', undefined)] };
  if ('instances' in body) {
    const instances = listAt('instances', body['instances'], limits.maxItems);
    const items = instances.map((value, index) => ({
      item: { path: `instances[${index}]`, value },
      extraInfo: undefined,
    }));
    return { form: 'predictions', items };
  }
  const accepted = limits.speaksMultiData ? '"multi_data", "data" or "instances"' : '"instances"';
  const keys = Object.keys(body).slice(0, 5).join(', ');
  throw new ServiceError(
    'invalid_argument',
    `expected an object with ${accepted}, received the keys: ${excerpt(keys)}`,
  );
}

/** Uploaded files as items: a body that is one whole, or the files of a multipart body, which are no more than maxItems. */
export function filesAsV1Request(
  files: readonly { readonly path: string; readonly bytes: Uint8Array }[],
  limits: V1Limits,
): V1Request {
  const items = files.map(({ path, bytes }) => ({ item: { path, value: bytes }, extraInfo: undefined }));
  return { form: limits.speaksMultiData ? 'multi_data' : 'predictions', items };
}

function parseMultiRequest(body: Readonly<Record<string, unknown>>, maxItems: number): V1Request {
  const requests = listAt('multi_data', body['multi_data'], maxItems);
  const problem = echoProblem(body);
  if (problem !== undefined) throw new ServiceError('invalid_argument', problem);
  const shared = extraInfoSchema.nullish().safeParse(withStrings(body['extra_info']));
  if (!shared.success) throw issueError('extra_info', shared.error);
  const defaults = shared.data ?? undefined;
  return {
    form: 'multi_data',
    items: requests.map((value, index) => parseRequest(value, `multi_data[${index}]`, defaults)),
  };
}

function parseRequest(value: unknown, path: string, defaults: ExtraInfo | undefined): V1Item {
  const at = (place: string) => [path, place].filter((part) => part !== '').join('.');
  const problem = echoProblem(value);
  if (problem !== undefined) {
    return { item: new ServiceError('invalid_argument', at(problem)), extraInfo: defaults };
  }
  const { text, rest } = withoutLongItem(value);
  const parsed = requestSchema.safeParse(rest);
  if (!parsed.success) return { item: issueError(path, parsed.error), extraInfo: defaults };
  const { data, extra_info: own } = parsed.data;
  const extraInfo = own || defaults ? { ...defaults, ...withoutNulls(own ?? {}) } : undefined;
  return { item: { path: at('data.item'), value: text ?? data.item }, extraInfo };
}

/** A request whose item is a LongText, and the same with a string in its place, as the schema has it. */
function withoutLongItem(request: unknown): { text: LongText | undefined; rest: unknown } {
  const data = memberOf(request, 'data');
  const text = memberOf(data, 'item');
  if (!(text instanceof LongText)) return { text: undefined, rest: withStrings(request) };
  return { text, rest: withStrings({ ...(request as object), data: { ...(data as object), item: '' } }) };
}

/** Why a request's extra_info cannot be echoed, whatever it is; undefined when it can. */
function echoProblem(request: unknown): string | undefined {
  const extraInfo = memberOf(request, 'extra_info');
  const others = memberOf(extraInfo, 'others');
  if (Array.isArray(others) && others.length > MAX_OTHERS) {
    return `extra_info.others: holds ${others.length} entries, more than ${MAX_OTHERS}`;
  }
  const { length } = JSON.stringify(extraInfo ?? {});
  if (length <= MAX_EXTRA_INFO_CHARS) return undefined;
  return `extra_info: is ${length} characters long, more than ${MAX_EXTRA_INFO_CHARS}`;
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function withoutNulls(extraInfo: ExtraInfo): ExtraInfo {
  return Object.fromEntries(Object.entries(extraInfo).filter(([, value]) => value !== null));
}

function listAt(key: string, value: unknown, maxItems: number): readonly unknown[] {
  if (!Array.isArray(value))
    throw new ServiceError(
      'invalid_argument',
      `${key}: expected a list, received ${value === null ? 'null' : typeof value}`,
    );
  if (value.length > maxItems) throw tooManyItems(value.length, maxItems);
  return value as readonly unknown[];
}

function issueError(path: string, error: z.ZodError): ServiceError {
  return new ServiceError('invalid_argument', firstIssue(error, path));
}
