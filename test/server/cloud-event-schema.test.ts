import * as z from 'zod';
import { CLOUD_EVENT_SCHEMA, readCloudEvent } from '../../src/server/cloud-event.js';
import { jsonBody } from '../../src/server/json-body.js';
import { serviceErrorThrownBy } from '../helpers/service-error-of.js';

const OPTIONS = { source: undefined, type: 'io.kserve.inference.response', merge: false };
const STRUCTURED = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
const EVENT = { specversion: '1.0', id: 'a-1', source: '/client', type: 'request', data: { instances: ['x'] } };

const { data, ...head } = EVENT;
const read = (event: object) => readCloudEvent(jsonBody(Buffer.from(JSON.stringify(event))), STRUCTURED, OPTIONS);

describe('CLOUD_EVENT_SCHEMA', () => {
  const schema = z.fromJSONSchema(CLOUD_EVENT_SCHEMA as unknown as z.core.JSONSchema.JSONSchema);

  it.each([
    [EVENT, '{"instances":["x"]}'],
    [{ ...head, data: '{"instances":[]}', datacontenttype: 'application/json', other: 1 }, '{"instances":[]}'],
    [{ ...head, data_base64: 'eyJpbnN0YW5jZXMiOltdfQ==' }, '{"instances":[]}'],
    [{ ...EVENT, specversion: '0.3' }, '{"instances":["x"]}'],
  ])('takes %j, as readCloudEvent() does', (event, body) => {
    expect(schema.safeParse(event).success).toBe(true);
    expect(read(event)?.body.toString()).toBe(body);
  });

  it.each([
    [{ ...EVENT, id: '' }, 'The CloudEvent is incomplete: the attribute id is missing'],
    [{ ...EVENT, source: 5 }, 'The CloudEvent is incomplete: the attribute source is missing'],
    [{ specversion: '1.0', id: 'a', source: 'b', data }, 'The CloudEvent is incomplete: the attribute type is missing'],
    [{ ...EVENT, specversion: null }, 'The CloudEvent is incomplete: the attribute specversion is missing'],
    [head, 'The CloudEvent has neither data nor data_base64'],
    [{ ...head, data_base64: {} }, 'data_base64: expected string, received object'],
    [{ ...EVENT, data_base64: 7 }, 'data_base64: expected string, received number'],
  ])('refuses %j, as readCloudEvent() does', (event, message) => {
    expect(schema.safeParse(event).success).toBe(false);
    expect(serviceErrorThrownBy(() => read(event))).toMatchObject({ code: 'invalid_argument', message });
  });

  it('demands what tells an event from a plain body', () => {
    expect(schema.safeParse(data).success).toBe(false);
    expect(read(data)).toBeUndefined();
  });
});
