import { randomUUID } from 'node:crypto';
import { excerpt, ServiceError } from '../errors.js';
import type { ReceivedHeaders } from './header-forwarding.js';
import { type JsonBody, jsonBody, type JsonObject } from './json-body.js';
import { textOfMember } from './json-members.js';
import type { SentBody } from './send-json.js';

/** How answers to events name themselves. */
export interface CloudEventOptions {
  /** The `source` of answers; `io.kserve.inference.<model>` when undefined, as KServe's SDK has it. */
  readonly source: string | undefined;
  readonly type: string;
  /** Whether an answer keeps the attributes of its request's event that are not its own. */
  readonly merge: boolean;
}

/** A request that came as an event: what it holds, and how the answer to it is wrapped. */
export interface CloudEvent extends JsonBody {
  /** The content type of the data, where the event says. */
  readonly contentType: string | undefined;
  /** The answer, which is JSON's text, as an event of the same mode. */
  wrap(answer: Uint8Array, modelName: string): SentBody;
}

/** The attributes of an event by name; extensions among them. */
type Attributes = Readonly<Record<string, string | number | boolean>>;

const STRUCTURED = 'application/cloudevents+json';

/** 0.3 has the same required attributes, and calls base64 `datacontentencoding` instead of `data_base64`. */
const VERSIONS: readonly unknown[] = ['1.0', '0.3'];

/** Attributes without which nothing is an event (CloudEvents 1.0.2, "Required Attributes"). */
const REQUIRED = ['id', 'source', 'specversion', 'type'] as const;

/** An event in structured mode, as JSON Schema; what it demands is checked by structuredEvent(). */
export const CLOUD_EVENT_SCHEMA = {
  type: 'object',
  description: 'A CloudEvent in structured mode. What has no `specversion` is none, and is read as a plain body.',
  required: REQUIRED,
  properties: {
    ...Object.fromEntries(REQUIRED.map((name) => [name, { type: 'string', minLength: 1 }])),
    specversion: { type: 'string', enum: VERSIONS },
    datacontenttype: { type: 'string', description: 'The content type of the data' },
    data: { description: 'A body as JSON, or as the text of one' },
    data_base64: { type: 'string', contentEncoding: 'base64', description: 'Or the bytes of a body, in base64' },
  },
  anyOf: ['data', 'data_base64'].map((name) => ({ type: 'object', required: [name], properties: { [name]: {} } })),
};

/** Which belong to one event alone, or tell of its data, so that an answer does not take them over. */
const OWN_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...REQUIRED,
  'time',
  'datacontenttype',
  'datacontentencoding',
  'dataschema',
  'schemaurl',
]);

/** HTTP header names of attributes (CloudEvents HTTP binding 1.0.2, 3.1.3). */
const PREFIX = 'ce-';

/**
 * Unwraps a CloudEvent of version 1.0 or 0.3, in binary mode (attributes in `ce-` headers, data as the body) or
 * structured mode (data as JSON, or base64 in `data_base64`). A structured event is known by its content type
 * `application/cloudevents+json`, or, as KServe's SDK has it, by being complete.
 * @returns undefined when the request is none
 * @throws ServiceError `invalid_argument` when required attributes are missing, the version is another, or the envelope
 * has no data
 */
export function readCloudEvent(
  { body, json }: JsonBody,
  headers: ReceivedHeaders,
  options: CloudEventOptions,
): CloudEvent | undefined {
  const isLabelled = textOf(headers['content-type'])?.toLowerCase().startsWith(STRUCTURED) === true;
  // Some clients label a plain body so; what has no specversion is no event.
  if (json?.['specversion'] !== undefined && (isLabelled || isComplete(json))) {
    return structuredEvent({ body, json }, options);
  }
  const attributes = headerAttributes(headers);
  if (attributes['specversion'] === undefined) return undefined;
  assertComplete(attributes, (name) => `the header ${PREFIX}${name}`);
  return {
    body,
    json,
    contentType: textOf(headers['content-type']),
    wrap: (answer, modelName) => {
      const answered = Object.entries(answerAttributes(attributes, options, modelName));
      const named = answered.map(([name, value]) => [`${PREFIX}${name}`, String(value)] as const);
      return { headers: { ...Object.fromEntries(named), 'content-type': 'application/json' }, pieces: [answer] };
    },
  };
}

function structuredEvent(
  { body, json }: { readonly body: Buffer; readonly json: JsonObject },
  options: CloudEventOptions,
): CloudEvent {
  const attributes: Attributes = Object.fromEntries(Object.entries(json).filter(isAttribute));
  assertComplete(attributes, (name) => `the attribute ${name}`);
  const { datacontenttype: contentType } = json;
  return {
    ...dataOf({ body, json }),
    contentType: typeof contentType === 'string' ? contentType : undefined,
    wrap: (answer, modelName) => {
      const answered = { ...answerAttributes(attributes, options, modelName), datacontenttype: 'application/json' };
      // The answer stays the text that it is: its integers may be beyond 2^53.
      const head = Buffer.from(`${JSON.stringify(answered).slice(0, -1)},"data":`, 'utf8');
      return { headers: { 'content-type': STRUCTURED }, pieces: [head, answer, Buffer.from('}')] };
    },
  };
}

/** What a structured event holds: a JSON value, whose text is the body; a text, which is the body itself; base64. */
function dataOf({ body, json }: { readonly body: Buffer; readonly json: JsonObject }): JsonBody {
  const { data, data_base64: base64 = isBase64(json) ? data : undefined } = json;
  if (typeof base64 === 'string') return jsonBody(Buffer.from(base64, 'base64'));
  if (base64 !== undefined) {
    throw new ServiceError('invalid_argument', `data_base64: expected string, received ${typeof base64}`);
  }
  if (data === undefined || data === null) {
    throw new ServiceError('invalid_argument', 'The CloudEvent has neither data nor data_base64');
  }
  if (typeof data === 'string') return jsonBody(Buffer.from(data, 'utf8'));
  const text = textOfMember(body, 'data') ?? Buffer.alloc(0);
  return { body: text, json: Array.isArray(data) || typeof data !== 'object' ? undefined : (data as JsonObject) };
}

/** As version 0.3 says so. */
function isBase64({ datacontentencoding: encoding }: JsonObject): boolean {
  return typeof encoding === 'string' && encoding.toLowerCase() === 'base64';
}

function headerAttributes(headers: ReceivedHeaders): Attributes {
  const named = Object.entries(headers).flatMap(([name, value]) => {
    const text = textOf(value);
    return name.startsWith(PREFIX) && text !== undefined ? [[name.slice(PREFIX.length), text] as const] : [];
  });
  return Object.fromEntries(named);
}

function isAttribute(member: [string, unknown]): member is [string, Attributes[string]] {
  const [name, value] = member;
  return name !== 'data' && name !== 'data_base64' && ['string', 'number', 'boolean'].includes(typeof value);
}

function answerAttributes(request: Attributes, options: CloudEventOptions, modelName: string): Attributes {
  const { source = `io.kserve.inference.${modelName}`, type, merge } = options;
  const kept = Object.entries(request).filter(([name]) => merge && !OWN_ATTRIBUTES.has(name));
  return {
    ...Object.fromEntries(kept),
    specversion: request['specversion'] ?? '',
    id: randomUUID(),
    source,
    type,
    time: new Date().toISOString(),
  };
}

function assertComplete(attributes: Attributes, nameOf: (attribute: string) => string): void {
  const missing = REQUIRED.find((name) => !isText(attributes[name]));
  if (missing !== undefined) {
    throw new ServiceError('invalid_argument', `The CloudEvent is incomplete: ${nameOf(missing)} is missing`);
  }
  const { specversion } = attributes;
  if (VERSIONS.includes(specversion)) return;
  const version = JSON.stringify(excerpt(String(specversion)));
  throw new ServiceError('invalid_argument', `The CloudEvent is of version ${version}; 1.0 and 0.3 are accepted`);
}

function isComplete(json: JsonObject): boolean {
  return REQUIRED.every((name) => isText(json[name])) && ('data' in json || 'data_base64' in json);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.join(', ');
}
