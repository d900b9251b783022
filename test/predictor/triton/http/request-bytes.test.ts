import { requestBytes, type WireRequest } from '../../../../src/predictor/triton/http/request-bytes.js';
import { serviceErrorThrownBy } from '../../../helpers/service-error-of.js';

const GET: WireRequest = { method: 'GET', path: '/v2?a=b', authority: 'triton:8000', headers: {}, body: [] };

const written = (request: Partial<WireRequest>) =>
  Buffer.concat(requestBytes({ ...GET, ...request })).toString('latin1');

describe('requestBytes()', () => {
  it('writes the path, the host and the headers', () => {
    const headers = { accept: 'a\tb', 'x-name': '' };
    expect(written({ headers })).toBe('GET /v2?a=b HTTP/1.1\r\nhost: triton:8000\r\naccept: a\tb\r\nx-name: \r\n\r\n');
  });

  it.each([
    ['a body', [Buffer.from('fo'), Buffer.alloc(0), Buffer.from('ur')], 'content-length: 4\r\n\r\nfour'],
    ['no body', [], 'content-length: 0\r\n\r\n'],
  ])('says how long %s is', (_, body, end) => {
    expect(written({ method: 'POST', body })).toBe(`POST /v2?a=b HTTP/1.1\r\nhost: triton:8000\r\n${end}`);
  });

  it('joins small pieces, and leaves large ones as they are', () => {
    const small = [Buffer.alloc(1000), Buffer.alloc(64 * 1024 - 1000)];
    const large = [Buffer.alloc(1000), Buffer.alloc(64 * 1024 - 999)];
    expect(requestBytes({ ...GET, method: 'POST', body: small })).toHaveLength(1);
    const [, ...body] = requestBytes({ ...GET, method: 'POST', body: large });
    expect(body[0]).toBe(large[0]);
    expect(body[1]).toBe(large[1]);
  });

  it.each([
    ['a value with a line feed', { 'x-name': 'a\nb' }, 'invalid x-name header'],
    ['a value with a carriage return', { 'x-name': 'a\rb' }, 'invalid x-name header'],
    ['a value whose character would be cut to a line feed', { 'x-name': 'a\u010ab' }, 'invalid x-name header'],
    ['a name with a colon', { 'x:name': 'a' }, 'invalid x:name header'],
    ['an empty name', { '': 'a' }, 'invalid  header'],
    ['a length of its own', { 'Content-Length': '4' }, 'invalid Content-Length header'],
    ['chunks', { 'transfer-encoding': 'chunked' }, 'invalid transfer-encoding header'],
    ['another host', { host: 'other' }, 'invalid host header'],
  ])('refuses %s', (_, headers, problem) => {
    expect(serviceErrorThrownBy(() => written({ headers }))).toMatchObject({
      code: 'invalid_argument',
      message: `The call cannot be sent over HTTP: ${problem}`,
    });
  });

  it.each(['v2', '/v2 HTTP/1.1', '/v2\r\nx: y', '/é', ''])('refuses the path %j', (path) => {
    expect(serviceErrorThrownBy(() => written({ path })).message).toBe(
      `The call cannot be sent over HTTP: invalid path ${JSON.stringify(path)}`,
    );
  });
});
