import { once } from 'node:events';
import { connect, type Http2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { FRAME } from '../../../../../src/predictor/triton/grpc/http2/frames.js';
import { createFrameReader } from '../../../../../src/predictor/triton/grpc/http2/frame-reader.js';
import { createHpackDecoder } from '../../../../../src/predictor/triton/grpc/http2/hpack-decoder.js';
import { decodeHuffman } from '../../../../../src/predictor/triton/grpc/http2/huffman.js';

describe('decodeHuffman()', () => {
  it.each([
    ['f1e3 c2e5 f23a 6ba0 ab90 f4ff', 'www.example.com'],
    ['a8eb 1064 9cbf', 'no-cache'],
    ['6402', '302'],
    ['d07a be94 1054 d444 a820 0595 040b 8166 e082 a62d 1bff', 'Mon, 21 Oct 2013 20:13:21 GMT'],
    ['9d29 ad17 1863 c78f 0b97 c8e9 ae82 ae43 d3', 'https://www.example.com'],
    ['', ''],
  ])('reads %s of the examples of RFC 7541 as %j', (hex, expected) => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    expect(decodeHuffman(bytes, 0, bytes.length)).toBe(expected);
  });

  it('reads what the encoder of node:http2 writes, for every byte that a value can have', async () => {
    // Among many short codes, so that packing pays; Node writes bytes beyond ASCII of such strings as latin1.
    const bytes = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte >= 0x20 && byte !== 0x7f);
    const values = bytes.map((byte) => `a${'a'.repeat(30)}${String.fromCharCode(byte)}a`);
    const sent = Object.fromEntries(values.map((value, index) => [`x-${index}`, value]));
    expect(await headersWrittenByNode(sent)).toMatchObject(sent);
  });
});

/** The headers of a request of node:http2, as they are read from its bytes. */
async function headersWrittenByNode(headers: Record<string, string>): Promise<Record<string, string>> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  session.on('error', () => undefined);
  const [socket] = (await once(server, 'connection')) as [NodeJS.ReadWriteStream];
  const stream: Http2Stream = session.request(headers);
  stream.on('error', () => undefined);
  const decoder = createHpackDecoder(64 * 1024);
  const pieces: Buffer[] = [];
  const read = await new Promise<Record<string, string>>((resolve) => {
    const reader = createFrameReader(
      {
        onFrame: ({ type, flags }, content) => {
          if (type !== FRAME.headers && type !== FRAME.continuation) return;
          pieces.push(Buffer.from(content));
          if ((flags & 4) !== 0) resolve(Object.fromEntries(decoder.decode(Buffer.concat(pieces))));
        },
        onData: () => undefined,
        onDataEnd: () => undefined,
      },
      2 ** 24,
    );
    let left = 24;
    socket.on('data', (bytes: Buffer) => {
      const preface = Math.min(left, bytes.length);
      left -= preface;
      reader.read(bytes.subarray(preface));
    });
  });
  session.destroy();
  server.close();
  return read;
}
