import { Duplex } from 'node:stream';
import { type InferStream, isOpen, messagesOf, send } from '../../../src/server/grpc/stream-messages.js';

/** A stream as grpc-js makes them, without a call behind it; `write` gets what is sent. */
function streamOf(write: (message: Buffer, done: () => void) => void = (_, done) => done()): InferStream {
  return new Duplex({
    objectMode: true,
    read: () => undefined,
    write: (message: Buffer, _, done) => write(message, done),
  }) as unknown as InferStream;
}

const never = new AbortController().signal;

describe('messagesOf()', () => {
  it('gives each message when it is asked for, empty ones too, until the client has sent all', async () => {
    const stream = streamOf();
    const messages = messagesOf(stream, never);
    const first = messages.next();
    stream.push(Buffer.of(1));
    expect(await first).toEqual({ done: false, value: Buffer.of(1) });
    stream.push(Buffer.alloc(0));
    expect(await messages.next()).toEqual({ done: false, value: Buffer.alloc(0) });
    const last = messages.next();
    stream.push(null);
    expect(await last).toEqual({ done: true, value: undefined });
    expect(isOpen(stream)).toBe(false);
  });

  it('ends when the client is gone', async () => {
    const stream = streamOf();
    const next = messagesOf(stream, never).next();
    stream.destroy();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(isOpen(stream)).toBe(false);
  });

  it('ends when the server stops, and leaves the stream open and nobody listening', async () => {
    const stream = streamOf();
    const before = stream.eventNames();
    const stopping = new AbortController();
    const messages = messagesOf(stream, stopping.signal);
    const first = messages.next();
    stream.push(Buffer.of(1));
    await first;
    const next = messages.next();
    stopping.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(isOpen(stream)).toBe(true);
    expect(stream.eventNames()).toEqual(before);
  });
});

describe('send()', () => {
  it('resolves when the message has gone out', async () => {
    let goOut: () => void = () => undefined;
    const stream = streamOf((_, done) => (goOut = done));
    let isSent = false;
    const sent = send(stream, Buffer.of(1)).then(() => (isSent = true));
    await new Promise((done) => setImmediate(done));
    expect(isSent).toBe(false);
    goOut();
    await sent;
    expect(stream.listenerCount('close')).toBe(0);
  });

  it('resolves when the stream is closed with the message under way, and with others behind it', async () => {
    const stream = streamOf(() => undefined);
    const sent = [Buffer.of(1), Buffer.of(2)].map((message) => send(stream, message));
    stream.destroy();
    await Promise.all(sent);
  });

  it('resolves on a stream that is closed already', async () => {
    const stream = streamOf();
    stream.on('error', () => undefined);
    stream.destroy();
    await new Promise((done) => setImmediate(done));
    await send(stream, Buffer.of(1));
  });
});
