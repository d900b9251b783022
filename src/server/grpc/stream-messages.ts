import type { ServerDuplexStream } from '@grpc/grpc-js';

/** A stream of inference; its messages are bytes both ways. */
export type InferStream = ServerDuplexStream<Buffer, Buffer>;

/**
 * The messages of a stream, one by one as they are asked for, until its client has sent all or is gone, or the server
 * stops. grpc-js reads up to 16 ahead.
 */
export async function* messagesOf(stream: InferStream, stopping: AbortSignal): AsyncGenerator<Buffer, void> {
  let wake: () => void = () => undefined;
  const onChange = () => wake();
  stream.on('readable', onChange).on('end', onChange).on('close', onChange);
  stopping.addEventListener('abort', onChange);
  try {
    while (!stopping.aborted && !stream.destroyed) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const message = stream.read() as Buffer | null;
      if (message !== null) yield message;
      else if (stream.readableEnded) return;
      else await changed;
    }
  } finally {
    stream.off('readable', onChange).off('end', onChange).off('close', onChange);
    stopping.removeEventListener('abort', onChange);
  }
}

/** Whether the client may still send messages. */
export function isOpen(stream: InferStream): boolean {
  return !stream.readableEnded && !stream.destroyed;
}

/** Sends a message; resolves when it has gone out, or the stream is closed. */
export function send(stream: InferStream, message: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('close', done);
      resolve();
    };
    // grpc-js does not call back for a message under way when the client leaves.
    stream.on('close', done);
    stream.write(message, done);
  });
}
