import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';

/** An rpc of bytes, so that a test says what goes over the wire. */
export const BYTES_METHOD = {
  path: '/test/Bytes',
  requestSerialize: (bytes: Buffer) => bytes,
  responseDeserialize: (bytes: Buffer) => bytes,
} as const;

/** A message behind its prefix. */
export function framed(message: Uint8Array, isPacked = false): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(Number(isPacked));
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** Answers a call of gRPC. */
export function answer(
  stream: ServerHttp2Stream,
  body: Uint8Array,
  options: { headers?: OutgoingHttpHeaders; trailers?: OutgoingHttpHeaders } = {},
): void {
  const { headers, trailers = { 'grpc-status': '0' } } = options;
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...headers }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.end(body);
}

/** Answers a call by a status without a message. */
export function answerStatus(stream: ServerHttp2Stream, status: number, message = ''): void {
  const headers = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(status) };
  stream.respond({ ...headers, 'grpc-message': message }, { endStream: true });
}

/** All that the client sends. */
export async function bodyOf(stream: ServerHttp2Stream): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
