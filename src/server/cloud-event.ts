import { randomUUID } from 'node:crypto';
import { ServiceError } from '../errors.js';
import type { ReceivedHeaders } from './header-forwarding.js';
import { isJsonObject, parseJsonObject } from './json-body.js';

/** How answers to events name themselves. */
export interface CloudEventOptions {
  /** The `source` of answers; `io.kserve.inference.<model>` when undefined, as KServe's SDK has it. */
  readonly source: string | undefined;
  readonly type: string;
  /** Whether an answer keeps the attributes of its request's event that are not its own. */
  readonly merge: boolean;
}

/** A request that came as an event: what it holds, and how the answer to it is wrapped. */
export interface CloudEvent {
  readonly data: Buffer;
  /** The content type of the data, where the event says. */
  readonly contentType: string | undefined;
  /** The answer's headers and body, as an event of the same mode. */
  wrap(answer: unknown, modelName: string): WrappedAnswer;
}

/** An answer as an event. */
export interface WrappedAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The attributes of an event by name; extensions among them. */
type Attributes = Readonly<Record<string, string>>;

const STRUCTURED = 'application/cloudevents+json';

/** Attributes without which nothing is an event (CloudEvents 1.0.2, "Required Attributes"). */
const REQUIRED = ['id', 'source', 'specversion', 'type'] as const;

/** An event in structured mode, as JSON Schema; what it demands is checked by structuredEvent(). */
export const CLOUD_EVENT_SCHEMA = {
  type: 'object',
  description: 'A CloudEvent in structured mode. What has no `specversion` is none, and is read as a plain body.',
  required: REQUIRED,
  properties: {
    ...Object.fromEntries(REQUIRED.map((name) => [name, { type: 'string', minLength: 1 }])),
    datacontenttype: { type: 'string', description: 'The content type of the data' },
    data: { description: 'A body as JSON, or as the text of one' },
    data_base64: { type: 'string', contentEncoding: 'base64', description: 'Or the bytes of a body, in base64' },
  },
  anyOf: ['data', 'data_base64'].map((name) => ({ type: 'object', required: [name], properties: { [name]: {} } })),
};

/** Which belong to one event alone, so that an answer does not take them over. */
const OWN_ATTRIBUTES: ReadonlySet<string> = new Set([...REQUIRED, 'time', 'datacontenttype', 'dataschema', 'subject']);

/** HTTP header names of attributes (CloudEvents HTTP binding 1.0.2, 3.1.3). */
const PREFIX = 'ce-';

/**
 * Unwraps a CloudEvent of version 1.0 or 0.3, in binary mode (attributes in `ce-` headers, data as the body) or
 * structured mode (`application/cloudevents+json`; data as JSON, or base64 in `data_base64`).
 * @returns undefined when the request is none
 * @throws ServiceError `invalid_argument` when required attributes are missing or the envelope has no data
 */
export function readCloudEvent(
  body: Buffer,
  headers: ReceivedHeaders,
  options: CloudEventOptions,
): CloudEvent | undefined {
  const contentType = textOf(headers['content-type']);
  if (isStructured(contentType) && isJsonObject(body)) return structuredEvent(body, options);
  const attributes = headerAttributes(headers);
  if (attributes['specversion'] === undefined) return undefined;
  assertComplete(attributes, (name) => `the header ${PREFIX}${name}`);
  return {
    data: body,
    contentType,
    wrap: (answer, modelName) => {
      const answered = answerAttributes(attributes, options, modelName);
      const headers = Object.entries(answered).map(([name, value]) => [`${PREFIX}${name}`, value] as const);
      return {
        headers: { ...Object.fromEntries(headers), 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify(answer), 'utf8'),
      };
    },
  };
}

function structuredEvent(body: Buffer, options: CloudEventOptions): CloudEvent | undefined {
  const { data, data_base64: base64, ...rest } = parseJsonObject(body);
  // Some clients label a plain body so; what has no specversion is no event.
  if (rest['specversion'] === undefined) return undefined;
  const texts = Object.entries(rest).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const attributes: Attributes = Object.fromEntries(texts);
  assertComplete(attributes, (name) => `the attribute ${name}`);
  if (base64 !== undefined && typeof base64 !== 'string') {
    throw new ServiceError('invalid_argument', `data_base64: expected string, received ${typeof base64}`);
  }
  if (data === undefined && base64 === undefined) {
    throw new ServiceError('invalid_argument', 'The CloudEvent has neither data nor data_base64');
  }
  return {
    data: data === undefined ? Buffer.from(base64 ?? '', 'base64') : bytesOf(data),
    contentType: attributes['datacontenttype'],
    wrap: (answer, modelName) => {
      const answered = { ...answerAttributes(attributes, options, modelName), datacontenttype: 'application/json' };
      return {
        headers: { 'content-type': STRUCTURED },
        body: Buffer.from(JSON.stringify({ ...answered, data: answer }), 'utf8'),
      };
    },
  };
}

/** Data that are a JSON value are a body as that value's text; a string is a body by itself. */
function bytesOf(data: unknown): Buffer {
  return Buffer.from(typeof data === 'string' ? data : JSON.stringify(data), 'utf8');
}

function headerAttributes(headers: ReceivedHeaders): Attributes {
  const named = Object.entries(headers).flatMap(([name, value]) => {
    const text = textOf(value);
    return name.startsWith(PREFIX) && text !== undefined ? [[name.slice(PREFIX.length), text] as const] : [];
  });
  return Object.fromEntries(named);
}

function answerAttributes(request: Attributes, options: CloudEventOptions, modelName: string): Record<string, string> {
  const { source = `io.kserve.inference.${modelName}`, type, merge } = options;
  const kept = Object.entries(request).filter(([name]) => merge && !OWN_ATTRIBUTES.has(name));
  return {
    ...Object.fromEntries(kept),
    specversion: request['specversion'] ?? '1.0',
    id: randomUUID(),
    source,
    type,
    time: new Date().toISOString(),
  };
}

function assertComplete(attributes: Attributes, nameOf: (attribute: string) => string): void {
  const missing = REQUIRED.find((name) => (attributes[name] ?? '') === '');
  if (missing !== undefined)
    throw new ServiceError('invalid_argument', `The CloudEvent is incomplete: ${nameOf(missing)} is missing`);
}

function isStructured(contentType: string | undefined): boolean {
  return contentType?.toLowerCase().startsWith(STRUCTURED) === true;
}

function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.join(', ');
}
