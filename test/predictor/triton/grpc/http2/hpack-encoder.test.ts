import fc from 'fast-check';
import { createHpackDecoder } from '../../../../../src/predictor/triton/grpc/http2/hpack-decoder.js';
import { createHpackEncoder } from '../../../../../src/predictor/triton/grpc/http2/hpack-encoder.js';

const COMMON = { ':method': 'POST', ':scheme': 'http', 'content-type': 'application/grpc', te: 'trailers' };

/** An encoder, and what a server reads of its blocks. */
function pair(common: Record<string, string> = COMMON) {
  const encoder = createHpackEncoder(common);
  const decoder = createHpackDecoder(64 * 1024);
  const send = (path: string, own: Record<string, string> = {}) => {
    const block = Buffer.from(encoder.encode(path, own), 'latin1');
    return { block, headers: Object.fromEntries(decoder.decode(block)) };
  };
  return { encoder, send };
}

describe('createHpackEncoder()', () => {
  it('writes what a decoder reads, in every request', () => {
    const { send } = pair();
    for (const path of ['/a', '/b', '/a', '/c', '/b', '/a']) {
      expect(send(path, { 'grpc-timeout': '10m' }).headers).toEqual({
        ...COMMON,
        ':path': path,
        'grpc-timeout': '10m',
      });
    }
  });

  it('writes what is common as one byte a field from the second request on', () => {
    const { send } = pair();
    expect(send('/a').block.length).toBeGreaterThan(30);
    expect(send('/a').block).toHaveLength(5);
  });

  it('writes fields of a request as literals that are not kept, and secrets as such that never are', () => {
    const { send } = pair();
    send('/a');
    const tail = (own: Record<string, string>) => send('/a', own).block.subarray(5).toString('latin1');
    expect(tail({ 'x-id': '7' })).toBe('\x00\x04x-id\x017');
    // `authorization` is the field 23 of the static table: four bits of ones and 8.
    expect(tail({ authorization: 'Bearer x' })).toBe('\x1f\x08\x08Bearer x');
  });

  it('writes common fields out that have no place in the table any more', () => {
    const { send } = pair({ ...COMMON, 'x-long': 'v'.repeat(5000) });
    for (let count = 0; count < 3; count++) {
      const { block, headers } = send('/a');
      expect(headers['x-long']).toHaveLength(5000);
      expect(block.length).toBeGreaterThan(5000);
    }
  });

  it.each([0, 60, 100, 4096, 2 ** 32 - 1])('keeps within a table of %d bytes when the server sets it', (tableBytes) => {
    const { encoder, send } = pair();
    send('/a');
    encoder.setTableBytes(tableBytes);
    const paths = ['/a', '/b', '/a', '/b'];
    expect(paths.map((path) => send(path).headers)).toEqual(paths.map((path) => ({ ...COMMON, ':path': path })));
  });

  it('tells the server of a smaller table before the next fields', () => {
    const { encoder, send } = pair();
    encoder.setTableBytes(100);
    // No bytes, then 100: five bits of ones and 69 (RFC 7541, 5.1).
    expect(send('/a').block.subarray(0, 3).toString('hex')).toBe('203f45');
  });

  it('round-trips whatever can be sent', () => {
    const value = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) });
    const name = fc.stringMatching(/^x-[a-z0-9_.-]{1,20}$/);
    const own = fc.dictionary(name, value, { noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, own), { maxLength: 10 }), (requests) => {
        const { send } = pair();
        for (const [path, headers] of requests) {
          expect(send(path, headers).headers).toEqual({ ...COMMON, ...headers, ':path': path });
        }
      }),
    );
  });
});
