import { buffer } from 'node:stream/consumers';
import { brotliCompressSync, deflateRawSync, deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import type { ConnectOptions } from '../../../../src/predictor/triton/connect-options.js';
import { unpackBody } from '../../../../src/predictor/triton/http/content-encoding.js';
import { createHttpConnection, type HttpCall } from '../../../../src/predictor/triton/http/http-connection.js';
import { serveHttp } from '../../../helpers/own-server.js';
import { serviceErrorOf } from '../../../helpers/service-error-of.js';

const subject = 'model faces';
const body = Buffer.from('numbers '.repeat(100));
const MEBIBYTE = 2 ** 20;

describe('unpackBody()', () => {
  it.each([
    ['gzip', gzipSync(body)],
    ['GZIP', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['identity', body],
  ])('unpacks %s', async (encoding, packed) => {
    const unpacked = await unpackBody(packed, encoding, { maxBytes: 800, subject });
    expect(Buffer.from(unpacked).equals(body)).toBe(true);
  });

  it.each(['gzip', 'deflate'] as const)('unpacks %s of many blocks', async (encoding) => {
    const large = Buffer.alloc(MEBIBYTE, 'pattern');
    const packed = encoding === 'gzip' ? gzipSync(large) : deflateSync(large);
    const unpacked = await unpackBody(packed, encoding, { maxBytes: Infinity, subject });
    expect(Buffer.from(unpacked).equals(large)).toBe(true);
  });

  it.each(['gzip', 'deflate'] as const)('stops at the limit of what %s is unpacked to', async (encoding) => {
    const packed =
      encoding === 'gzip' ? gzipSync(Buffer.alloc(64 * MEBIBYTE)) : deflateSync(Buffer.alloc(64 * MEBIBYTE));
    expect(packed.length).toBeLessThan(MEBIBYTE);
    expect(await serviceErrorOf(unpackBody(packed, encoding, { maxBytes: MEBIBYTE, subject }))).toMatchObject({
      code: 'upstream_error',
      message: "The predictor's answer for model faces is not valid: it is larger than an answer may be",
    });
  });

  it.each([
    ['br', brotliCompressSync(body), 'its content-encoding is "br", but gzip, deflate is expected'],
    ['gzip, gzip', gzipSync(gzipSync(body)), 'its content-encoding is "gzip, gzip", but gzip, deflate is expected'],
    ['', body, 'its content-encoding is "", but gzip, deflate is expected'],
    ['gzip', body, 'it cannot be unpacked as gzip'],
    ['gzip', gzipSync(body).subarray(0, -1), 'it cannot be unpacked as gzip'],
    ['gzip', Buffer.alloc(0), 'it cannot be unpacked as gzip'],
    ['deflate', deflateRawSync(body), 'it cannot be unpacked as deflate'],
  ])('refuses %j of bytes that are not so, or that is unknown', async (encoding, packed, problem) => {
    expect(await serviceErrorOf(unpackBody(packed, encoding, { maxBytes: 10_000, subject }))).toMatchObject({
      code: 'upstream_error',
      message: `The predictor's answer for model faces is not valid: ${problem}`,
    });
  });
});

describe('A connection that packs', () => {
  interface Seen {
    readonly headers: Readonly<Record<string, unknown>>;
    readonly body: Buffer;
  }

  /** What a server sees of one call, and what the caller sees of an answer that is packed as gzip. */
  async function exchange(
    options: Partial<ConnectOptions>,
    call: Partial<HttpCall> = {},
    isCompressible = true,
    packed = gzipSync('an answer'),
  ): Promise<{ seen: Seen; answered: string }> {
    let seen: Seen = { headers: {}, body: Buffer.alloc(0) };
    const server = await serveHttp((request, response) => {
      void buffer(request).then((received) => {
        seen = { headers: request.headers, body: received };
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed);
      });
    });
    const connection = createHttpConnection(`http://127.0.0.1:${server.port}`, {
      concurrency: 1,
      connectTimeoutMs: 5000,
      maxAnswerBytes: 1000,
      ...options,
    });
    try {
      const { signal } = new AbortController();
      const answer = await connection.send(
        { method: 'POST', path: '/v2', body: [body.subarray(0, 10), body.subarray(10)], isCompressible },
        { signal, remainingMs: () => 1000, headers: {}, subject, ...call },
      );
      return { seen, answered: Buffer.from(answer.body).toString() };
    } finally {
      await connection.close();
      await server.close();
    }
  }

  it.each([
    ['gzip', gunzipSync],
    ['deflate', inflateSync],
  ] as const)('sends %s, as its options say', async (compression, unpack) => {
    const { seen } = await exchange({ compression });
    expect(seen.headers).toMatchObject({
      'content-encoding': compression,
      'content-length': String(seen.body.length),
    });
    expect(seen.body.length).toBeLessThan(body.length);
    expect(unpack(seen.body).equals(body)).toBe(true);
  });

  it.each([
    ['another than the options', { compression: 'gzip' }, { compression: 'deflate' }, 'deflate'],
    ['none', { compression: 'gzip' }, { compression: 'none' }, undefined],
    ['one where the options have none', {}, { compression: 'gzip' }, 'gzip'],
  ] as const)('lets a call choose %s', async (_, options, call, encoding) => {
    const { seen } = await exchange(options, call);
    expect(seen.headers['content-encoding']).toBe(encoding);
  });

  it('sends as it is what the server would not unpack', async () => {
    const { seen } = await exchange({ compression: 'gzip', acceptsCompressed: true }, {}, false);
    expect(seen.headers).not.toHaveProperty('content-encoding');
    expect(seen.headers).not.toHaveProperty('accept-encoding');
    expect(seen.body.equals(body)).toBe(true);
  });

  it.each([
    [true, 'gzip, deflate'],
    [false, undefined],
  ])('asks for packed answers only when that is wished: %s', async (acceptsCompressed, accepted) => {
    const { seen } = await exchange({ acceptsCompressed });
    expect(seen.headers['accept-encoding']).toBe(accepted);
  });

  it('refuses an answer that is larger than its limit when unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(MEBIBYTE));
    const outcome = exchange({ maxAnswerBytes: 2000 }, {}, true, bomb);
    expect(bomb.length).toBeLessThan(2000);
    expect((await serviceErrorOf(outcome)).message).toContain('it is larger than an answer may be');
  });

  it('unpacks an answer, also one that it did not ask to be packed', async () => {
    expect((await exchange({})).answered).toBe('an answer');
  });
});
