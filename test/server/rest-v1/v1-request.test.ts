import { ServiceError } from '../../../src/errors.js';
import { filesAsV1Request, parseV1Request } from '../../../src/server/rest-v1/v1-request.js';
import { serviceErrorThrownBy } from '../../helpers/service-error-of.js';

const LIMITS = { maxItems: 3, speaksMultiData: true };
const parse = (body: Record<string, unknown>, limits = LIMITS) => parseV1Request(body, limits);
const others = (length: number) => Array.from({ length }, (_, index) => ({ key: `k${index}`, value: index }));

describe('parseV1Request()', () => {
  it('takes instances as they are, whatever they are', () => {
    expect(parse({ instances: ['a', null, { b64: 'b' }] })).toEqual({
      form: 'predictions',
      items: ['a', null, { b64: 'b' }].map((value, index) => ({
        item: { path: `instances[${index}]`, value },
        extraInfo: undefined,
      })),
    });
  });

  it('takes a Request, and one whose extra_info is null', () => {
    const extraInfo = { type: 'passport', others: others(1000), more: true };
    expect(parse({ data: { item: 'a' }, extra_info: extraInfo })).toEqual({
      form: 'single',
      items: [{ item: { path: 'data.item', value: 'a' }, extraInfo }],
    });
    expect(parse({ data: { item: 'a' }, extra_info: null }).items).toEqual([
      { item: { path: 'data.item', value: 'a' }, extraInfo: undefined },
    ]);
  });

  it('takes a MultiRequest, whose extra_info counts where an item’s own says nothing', () => {
    const request = parse({
      multi_data: [
        { data: { item: 'a' } },
        { data: { item: 'b' }, extra_info: { type: null, source: 'own' } },
        { data: { item: 'c' }, extra_info: { type: 'own' } },
      ],
      extra_info: { type: 'shared', source: 'shared' },
    });
    expect(request.form).toBe('multi_data');
    expect(request.items.map(({ extraInfo }) => extraInfo)).toEqual([
      { type: 'shared', source: 'shared' },
      { type: 'shared', source: 'own' },
      { type: 'own', source: 'shared' },
    ]);
  });

  it('takes the first form that it finds: MultiRequest, Request, instances', () => {
    expect(parse({ instances: [], data: { item: 'a' }, multi_data: [] }).form).toBe('multi_data');
    expect(parse({ instances: [], data: { item: 'a' } }).form).toBe('single');
  });

  it('knows instances alone where the model speaks nothing else', () => {
    const limits = { maxItems: 3, speaksMultiData: false };
    expect(parse({ multi_data: [], instances: ['a'] }, limits).form).toBe('predictions');
    const { message } = serviceErrorThrownBy(() => parse({ data: { item: 'a' } }, limits));
    expect(message).toBe('expected an object with "instances", received the keys: data');
  });

  it.each([
    ['one that is no object', 1, 'multi_data[1]: expected object, received number'],
    ['one without data', {}, 'multi_data[1].data: expected object, received undefined'],
    ['an item that is no text', { data: { item: 1 } }, 'multi_data[1].data.item: expected string, received number'],
    [
      'an extra_info that is no object',
      { data: { item: 'b' }, extra_info: [] },
      'multi_data[1].extra_info: expected object, received array',
    ],
    [
      'others without a key',
      { data: { item: 'b' }, extra_info: { others: [{ key: 'a', value: 1 }, { value: 2 }] } },
      'multi_data[1].extra_info.others[1].key: expected string, received undefined',
    ],
    [
      'more others than are echoed',
      { data: { item: 'b' }, extra_info: { others: Array(1001).fill(1) } },
      'multi_data[1].extra_info.others: holds 1001 entries, more than 1000',
    ],
    [
      'an extra_info too large to echo',
      { data: { item: 'b' }, extra_info: { note: 'x'.repeat(65_536) } },
      'multi_data[1].extra_info: is 65547 characters long, more than 65536',
    ],
  ])('gives a wrong Request’s error in its place: %s', (_, wrong, message) => {
    const { items } = parse({ multi_data: [{ data: { item: 'a' } }, wrong, { data: { item: 'c' } }] });
    expect(items[0]?.item).toEqual({ path: 'multi_data[0].data.item', value: 'a' });
    expect(items[1]?.item).toBeInstanceOf(ServiceError);
    expect(items[1]?.item).toMatchObject({ code: 'invalid_argument', message });
    expect(items[2]?.item).toEqual({ path: 'multi_data[2].data.item', value: 'c' });
  });

  it.each([
    [{ instances: { a: 1 } }, 'invalid_argument', 'instances: expected a list, received object'],
    [{ instances: null }, 'invalid_argument', 'instances: expected a list, received null'],
    [{ instances: [1, 2, 3, 4] }, 'payload_too_large', 'The request holds 4 items, more than the limit of 3'],
    [{ multi_data: [1, 2, 3, 4] }, 'payload_too_large', 'The request holds 4 items, more than the limit of 3'],
    [
      { multi_data: [], extra_info: { others: others(1001) } },
      'invalid_argument',
      'extra_info.others: holds 1001 entries, more than 1000',
    ],
    [{ multi_data: [], extra_info: 'a' }, 'invalid_argument', 'extra_info: expected object, received string'],
    [
      Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`key${index}`, 1])),
      'invalid_argument',
      'received the keys: key0, key1, key2, key3, key4',
    ],
    [{}, 'invalid_argument', 'expected an object with "multi_data", "data" or "instances", received the keys: '],
  ])('refuses %.60j', (body, code, message) => {
    const error = serviceErrorThrownBy(() => parse(body));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });
});

describe('filesAsV1Request()', () => {
  const files = [{ path: 'file "a.jpg"', bytes: Uint8Array.of(1) }];
  const items = [{ item: { path: 'file "a.jpg"', value: Uint8Array.of(1) }, extraInfo: undefined }];

  it('is answered as a MultiRequest where the model speaks that, else with predictions', () => {
    expect(filesAsV1Request(files, LIMITS)).toEqual({ form: 'multi_data', items });
    expect(filesAsV1Request(files, { maxItems: 3, speaksMultiData: false })).toEqual({ form: 'predictions', items });
  });
});
