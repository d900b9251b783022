import type { Socket } from 'node:net';
import { createFrameReader } from '../../src/predictor/triton/grpc/http2/frame-reader.js';
import {
  FLAG,
  FRAME,
  type FrameHead,
  PREFACE,
  settingsFrame,
  writeHead,
} from '../../src/predictor/triton/grpc/http2/frames.js';
import { createHpackDecoder } from '../../src/predictor/triton/grpc/http2/hpack-decoder.js';
import { type OwnServer, serveBytes } from './own-server.js';

/** A frame that a client has sent; DATA comes as one piece, and HEADERS are read as text. */
type SeenFrame = Omit<FrameHead, 'length'> & {
  readonly content: Buffer;
  readonly headers?: ReadonlyMap<string, string>;
};

/** The server's end of a connection whose every frame the test writes. */
export interface FramesPeer {
  readonly socket: Socket;
  send(...frames: Uint8Array[]): void;
  /** The next frame of a kind that the client sends, or has sent and nobody has taken; others before it are passed over. */
  next(type: keyof typeof FRAME): Promise<SeenFrame>;
  /** The next frame of whatever kind. */
  nextOfAny(): Promise<SeenFrame>;
}

/** Starts a server of HTTP/2 that greets by settings, and leaves all else to the test. */
export function serveFrames(
  respond: (peer: FramesPeer) => void,
  settings: readonly (readonly [number, number])[] = [],
): Promise<OwnServer> {
  return serveBytes((socket) => {
    const seen: SeenFrame[] = [];
    let onFrame: (() => void) | undefined;
    const decoder = createHpackDecoder(1_000_000);
    const data: Buffer[] = [];
    const tell = (frame: SeenFrame) => {
      seen.push(frame);
      onFrame?.();
    };
    const reader = createFrameReader(
      {
        onFrame: (head, content) => {
          const headers = head.type === FRAME.headers ? decoder.decode(content) : undefined;
          tell({ ...head, content: Buffer.from(content), ...(headers && { headers }) });
        },
        onData: (_, piece) => data.push(Buffer.from(piece)),
        onDataEnd: (head) => tell({ ...head, content: Buffer.concat(data.splice(0)) }),
      },
      2 ** 24,
    );
    let prefaceLeft = PREFACE.length;
    socket.on('data', (bytes: Buffer) => {
      const skipped = Math.min(prefaceLeft, bytes.length);
      prefaceLeft -= skipped;
      reader.read(bytes.subarray(skipped));
    });
    socket.write(settingsFrame(settings));
    const nextOfAny = async (): Promise<SeenFrame> => {
      for (;;) {
        const frame = seen.shift();
        if (frame !== undefined) return frame;
        await new Promise<void>((resolve) => (onFrame = resolve));
      }
    };
    respond({
      socket,
      nextOfAny,
      send: (...frames) => void socket.write(Buffer.concat(frames)),
      next: async (type) => {
        for (;;) {
          const frame = await nextOfAny();
          if (frame.type === FRAME[type]) return frame;
        }
      },
    });
  });
}

/** A frame of any kind. */
export function frame(type: keyof typeof FRAME | number, streamId: number, content: Uint8Array, flags = 0): Buffer {
  const bytes = Buffer.alloc(9 + content.length);
  const number = typeof type === 'number' ? type : FRAME[type];
  bytes.set(content, writeHead(bytes, 0, { type: number, flags, streamId, length: content.length }));
  return bytes;
}

/** A frame of whole headers, without compression. */
export function headersFrame(streamId: number, headers: Record<string, string>, isEnd = false): Buffer {
  const text = (value: string) => String.fromCharCode(value.length) + value;
  const block = Object.entries(headers).map(([name, value]) => `\0${text(name)}${text(value)}`);
  const flags = FLAG.endHeaders | (isEnd ? FLAG.endStream : 0);
  return frame('headers', streamId, Buffer.from(block.join(''), 'latin1'), flags);
}

/** A number of 32 bits. */
export function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
