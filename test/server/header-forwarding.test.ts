import { createHeaderForwarding } from '../../src/server/header-forwarding.js';

const toPredictor = (list: readonly string[], headers: Record<string, string | readonly string[] | undefined>) =>
  createHeaderForwarding({ toPredictor: list, toClient: [] }).toPredictor(headers);
const toClient = (list: readonly string[], headers: Record<string, string>) =>
  Object.fromEntries(
    createHeaderForwarding({ toPredictor: [], toClient: list }).toClient(new Map(Object.entries(headers))),
  );

/** One of each kind that an operator might have let through by mistake. */
const NEVER = [
  'connection',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'expect',
  'accept-encoding',
  'cookie',
  'set-cookie',
  'date',
  'server',
  'inference-header-content-length',
  'content-length',
  'content-type',
  'content-encoding',
  'grpc-timeout',
  'grpc-encoding',
];

describe('createHeaderForwarding()', () => {
  const headers = { 'x-one': '1', 'x-two': '2', 'y-three': '3', authorization: 'Bearer t' };

  it.each([
    ['nothing', [], {}],
    ['exact names, in any case', ['X-One', 'AUTHORIZATION'], { 'x-one': '1', authorization: 'Bearer t' }],
    ['prefixes, in any case', ['X-*'], { 'x-one': '1', 'x-two': '2' }],
    ['everything', ['*'], headers],
    ['regular expressions, in any case', ['/^X-T|THREE$/'], { 'x-two': '2', 'y-three': '3' }],
    ['several of them', ['y-*', '/one/'], { 'x-one': '1', 'y-three': '3' }],
    ['no part of a name', ['x-on', 'one', '/'], {}],
  ])('lets through %s, both ways', (_, list, forwarded) => {
    expect(toPredictor(list, headers)).toEqual(forwarded);
    expect(toClient(list, headers)).toEqual(forwarded);
  });

  it.each([
    ['by name', NEVER],
    ['by prefix', ['*']],
    ['by expression', ['/.*/']],
  ])('keeps back what belongs to a connection or a message, and cookies, when they are listed %s', (_, list) => {
    const all = Object.fromEntries(NEVER.map((name) => [name, 'v']));
    expect(toPredictor(list, all)).toEqual({});
    expect(toClient(list, all)).toEqual({});
  });

  it('keeps back what Connection names, too', () => {
    const hop = { 'x-hop': '1', 'x-other': '2', 'x-end': '3' };
    expect(toPredictor(['x-*'], { ...hop, connection: 'Keep-Alive, X-Hop ,x-other' })).toEqual({ 'x-end': '3' });
    expect(toPredictor(['x-*'], { ...hop, connection: ['x-hop', 'x-other'] })).toEqual({ 'x-end': '3' });
    expect(toClient(['x-*'], { ...hop, connection: 'x-hop' })).toEqual({ 'x-other': '2', 'x-end': '3' });
  });

  it('joins several headers of one name, and passes over what is not there', () => {
    expect(toPredictor(['x-*'], { 'x-list': ['a', 'b'], 'x-none': undefined })).toEqual({ 'x-list': 'a, b' });
  });
});
