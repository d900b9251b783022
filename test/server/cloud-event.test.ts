import { type CloudEvent, type CloudEventOptions, readCloudEvent } from '../../src/server/cloud-event.js';
import { jsonBody } from '../../src/server/json-body.js';
import { serviceErrorThrownBy } from '../helpers/service-error-of.js';

const OPTIONS: CloudEventOptions = { source: undefined, type: 'io.kserve.inference.response', merge: false };
const STRUCTURED = 'application/cloudevents+json';
const ATTRIBUTES = { specversion: '1.0', id: 'i1', source: 'client', type: 'request' };
const DATA = { instances: ['a'] };

type Headers = Record<string, string>;

/** As ce- headers. */
function headersOf(attributes: object): Headers {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, String(value)]));
}

function read(body: unknown, headers: Headers, options: Partial<CloudEventOptions> = {}): CloudEvent | undefined {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return readCloudEvent(jsonBody(bytes), headers, { ...OPTIONS, ...options });
}

function readStructured(event: unknown, options: Partial<CloudEventOptions> = {}): CloudEvent | undefined {
  return read(event, { 'content-type': STRUCTURED }, options);
}

/** What an event's answer is, its JSON read. */
function wrapped(event: CloudEvent | undefined, answer = '{"predictions":[1]}') {
  const sent = event?.wrap(Buffer.from(answer), 'fake');
  const text = Buffer.concat(sent?.pieces ?? []).toString();
  return { headers: sent?.headers, text, json: JSON.parse(text) as unknown };
}

/** The attributes that an answer has of itself. */
const ANSWERED = {
  specversion: '1.0',
  id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  source: 'io.kserve.inference.fake',
  type: 'io.kserve.inference.response',
  time: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/),
};

describe('a CloudEvent in binary mode', () => {
  it.each(['1.0', '0.3'])('is the body, of version %s', (specversion) => {
    const event = read(DATA, { ...headersOf({ ...ATTRIBUTES, specversion }), 'content-type': 'application/json' });
    expect(event).toMatchObject({ json: DATA, contentType: 'application/json' });
    expect(wrapped(event)).toEqual({
      headers: { ...mapped({ ...ANSWERED, specversion }), 'content-type': 'application/json' },
      text: '{"predictions":[1]}',
      json: { predictions: [1] },
    });
  });

  it('may hold anything, and say nothing of it', () => {
    const event = read('\u0089PNG', headersOf(ATTRIBUTES));
    expect(event).toMatchObject({ json: undefined, contentType: undefined });
    expect(event?.body.toString()).toBe('\u0089PNG');
  });

  it.each(['id', 'source', 'type'])('is refused without ce-%s', (name) => {
    const problem = `The CloudEvent is incomplete: the header ce-${name} is missing`;
    for (const incomplete of [{ ...ATTRIBUTES, [name]: '' }, without(ATTRIBUTES, name)]) {
      const error = serviceErrorThrownBy(() => read(DATA, headersOf(incomplete)));
      expect(error).toMatchObject({ code: 'invalid_argument', message: problem });
    }
  });

  it('is refused in another version', () => {
    const { code, message } = serviceErrorThrownBy(() => read(DATA, headersOf({ ...ATTRIBUTES, specversion: '2.0' })));
    expect(code).toBe('invalid_argument');
    expect(message).toBe('The CloudEvent is of version "2.0"; 1.0 and 0.3 are accepted');
  });

  it('is none without ce-specversion', () => {
    expect(read(DATA, headersOf(without(ATTRIBUTES, 'specversion')))).toBeUndefined();
    expect(read(DATA, {})).toBeUndefined();
  });

  it('gives its extensions to the answer where that is wanted, and nothing that is its own', () => {
    const own = { time: '2021-01-28T21:04:43Z', dataschema: 'x', datacontenttype: 'y' };
    const headers = headersOf({ ...ATTRIBUTES, ...own, subject: 'a picture', 'custom-extension': 'custom value' });
    expect(wrapped(read(DATA, headers, { merge: true })).headers).toEqual({
      ...mapped({ ...ANSWERED, subject: 'a picture', 'custom-extension': 'custom value' }),
      'ce-time': expect.not.stringMatching('2021'),
      'content-type': 'application/json',
    });
    expect(wrapped(read(DATA, headers)).headers).not.toHaveProperty('ce-custom-extension');
  });

  it('answers with the source and type of the configuration', () => {
    const { headers } = wrapped(read(DATA, headersOf(ATTRIBUTES), { source: 'me', type: 'mine' }));
    expect(headers).toMatchObject({ 'ce-source': 'me', 'ce-type': 'mine' });
  });
});

describe('a CloudEvent in structured mode', () => {
  it.each(['1.0', '0.3'])('holds JSON, of version %s', (specversion) => {
    const event = readStructured({ ...ATTRIBUTES, specversion, data: DATA });
    expect(event).toMatchObject({ json: DATA, contentType: undefined });
    const { headers, json } = wrapped(event);
    expect(headers).toEqual({ 'content-type': STRUCTURED });
    expect(json).toEqual({
      ...ANSWERED,
      specversion,
      datacontenttype: 'application/json',
      data: { predictions: [1] },
    });
  });

  it('keeps the digits of integers beyond 2^53, both ways', () => {
    const long = '{"inputs":[9007199254740993]}';
    const event = readStructured(`{"specversion":"1.0","id":"1","source":"s","type":"t","data":${long}}`);
    expect(event?.body.toString()).toBe(long);
    expect(wrapped(event, '{"outputs":[9007199254740993]}').text).toContain('"data":{"outputs":[9007199254740993]}}');
  });

  it.each([
    ['a text of JSON', { data: JSON.stringify(DATA) }, JSON.stringify(DATA), DATA],
    ['another text', { data: 'hello' }, 'hello', undefined],
    ['base64', { data_base64: Buffer.from('\u00ff\u00d8', 'latin1').toString('base64') }, '\u00ff\u00d8', undefined],
    ['base64 of JSON', { data_base64: Buffer.from('{"a":1}').toString('base64') }, '{"a":1}', { a: 1 }],
    ['base64 beside no data', { data: null, data_base64: 'aGk=' }, 'hi', undefined],
    ['base64 as 0.3 has it', { specversion: '0.3', data: 'aGk=', datacontentencoding: 'Base64' }, 'hi', undefined],
    ['a list', { data: [1, 2] }, '[1,2]', undefined],
    ['a number', { data: 1 }, '1', undefined],
  ])('holds %s', (_, data, body, json) => {
    const event = readStructured({ ...ATTRIBUTES, ...data });
    expect(event?.body.toString('latin1')).toBe(body);
    expect(event?.json).toEqual(json);
  });

  it('tells of what content type its data are', () => {
    const event = readStructured({ ...ATTRIBUTES, datacontenttype: 'image/jpeg', data_base64: 'aGk=' });
    expect(event?.contentType).toBe('image/jpeg');
    expect(readStructured({ ...ATTRIBUTES, datacontenttype: 7, data: 1 })?.contentType).toBeUndefined();
  });

  it('is known by its content type, in any case and with parameters, or by being complete', () => {
    const event = { ...ATTRIBUTES, data: DATA };
    for (const contentType of ['Application/CloudEvents+JSON; charset=UTF-8', 'application/json', 'image/jpeg']) {
      expect(read(event, { 'content-type': contentType })).toMatchObject({ json: DATA });
    }
    expect(read(event, {})).toMatchObject({ json: DATA });
  });

  it.each([
    ['without specversion, whatever its content type', { id: '1', source: 's', type: 't', data: DATA }, STRUCTURED],
    ['incomplete, and of another content type', { ...ATTRIBUTES, id: undefined, data: DATA }, 'application/json'],
    ['without data, and of another content type', ATTRIBUTES, 'application/json'],
  ])('is none %s', (_, body, contentType) => {
    expect(read(body, { 'content-type': contentType })).toBeUndefined();
  });

  it.each([
    ['id', undefined],
    ['id', 7],
    ['source', ''],
    ['type', null],
  ])('is refused when its %s is %p', (name, value) => {
    const error = serviceErrorThrownBy(() => readStructured({ ...ATTRIBUTES, data: DATA, [name]: value }));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toBe(`The CloudEvent is incomplete: the attribute ${name} is missing`);
  });

  it.each([
    ['2.0', 'The CloudEvent is of version "2.0"; 1.0 and 0.3 are accepted'],
    ['9'.repeat(1000), `The CloudEvent is of version "${'9'.repeat(80)}…"; 1.0 and 0.3 are accepted`],
    [1, 'The CloudEvent is incomplete: the attribute specversion is missing'],
  ])('is refused in version %s', (specversion, message) => {
    expect(serviceErrorThrownBy(() => readStructured({ ...ATTRIBUTES, specversion, data: DATA })).message).toBe(
      message,
    );
  });

  it.each([[{}], [{ data: null }]])('is refused with %j for data', (data) => {
    const error = serviceErrorThrownBy(() => readStructured({ ...ATTRIBUTES, ...data }));
    expect(error.message).toBe('The CloudEvent has neither data nor data_base64');
  });

  it('is refused when the text within it is broken JSON', () => {
    const error = serviceErrorThrownBy(() => readStructured({ ...ATTRIBUTES, data: '{"a":' }));
    expect(error.message).toBe('The body is malformed JSON');
  });

  it('gives its extensions to the answer where that is wanted, as they are', () => {
    const own = { time: 'x', dataschema: 'x', schemaurl: 'x', datacontenttype: 'x', datacontentencoding: 'x' };
    const extensions = { subject: 'a', custom: 'b', number: 3, flag: true };
    const event = { ...ATTRIBUTES, ...own, ...extensions, nested: { a: 1 }, list: [1], data: DATA };
    expect(wrapped(readStructured(event, { merge: true })).json).toEqual({
      ...ANSWERED,
      ...extensions,
      datacontenttype: 'application/json',
      data: { predictions: [1] },
    });
    expect(wrapped(readStructured(event)).json).not.toHaveProperty('custom');
  });

  it('changes no prototype', () => {
    const event = `{"__proto__":"polluted","specversion":"1.0","id":"1","source":"s","type":"t","data":{}}`;
    expect(wrapped(readStructured(event, { merge: true })).text).toContain('"__proto__":"polluted"');
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});

function mapped(attributes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]));
}

function without(attributes: Record<string, string>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).filter(([other]) => other !== name));
}
