import { Buffer } from 'node:buffer';
import { ERROR_CODE, type FaultCode } from './http2-fault.js';

/** The kinds of frames (RFC 9113, 6). */
export const FRAME = {
  data: 0x0,
  headers: 0x1,
  priority: 0x2,
  rstStream: 0x3,
  settings: 0x4,
  pushPromise: 0x5,
  ping: 0x6,
  goAway: 0x7,
  windowUpdate: 0x8,
  continuation: 0x9,
} as const;

/** The flags of frames (6.1, 6.2, 6.5, 6.7). */
export const FLAG = { ack: 0x1, endStream: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

/** The settings that this client sends or heeds (6.5.2). */
export const SETTING = {
  headerTableSize: 0x1,
  enablePush: 0x2,
  maxConcurrentStreams: 0x3,
  initialWindowSize: 0x4,
  maxFrameSize: 0x5,
  maxHeaderListSize: 0x6,
} as const;

/** Length in 24 bits, type, flags, and the stream's number (4.1). */
export const FRAME_HEADER_BYTES = 9;

/** A setting's number in 16 bits and its value in 32. */
export const SETTING_BYTES = 6;

/** The content of a ping, of a frame that resets a stream or widens a window, and the least of a GOAWAY. */
export const PING_BYTES = 8;
export const WORD_BYTES = 4;
export const GO_AWAY_BYTES = 8;

/** The largest content of a frame until settings allow more, and the most that they can allow (4.2). */
export const DEFAULT_FRAME_BYTES = 16_384;
export const MAX_FRAME_BYTES = 2 ** 24 - 1;

/** The largest window, and the last stream's number (6.9.1, 5.1.1). */
export const MAX_31_BITS = 2 ** 31 - 1;

/** The window of the connection, and of streams until settings say otherwise (6.9.2). */
export const DEFAULT_WINDOW_BYTES = 65_535;

/** With this a client begins (3.4). */
export const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** What stands before a frame's content. */
export interface FrameHead {
  readonly type: number;
  readonly flags: number;
  /** 0 for the connection. */
  readonly streamId: number;
  /** Of the content, in bytes. */
  readonly length: number;
}

/** Writes a head at a place, and gives the place behind it. */
export function writeHead(target: Buffer, at: number, { type, flags, streamId, length }: FrameHead): number {
  target.writeUIntBE(length, at, 3);
  target.writeUInt8(type, at + 3);
  target.writeUInt8(flags, at + 4);
  return target.writeUInt32BE(streamId, at + 5);
}

/** The head at a place. The highest bit of the stream's number means nothing. */
export function readHead(source: Buffer, at: number): FrameHead {
  return {
    length: source.readUIntBE(at, 3),
    type: source.readUInt8(at + 3),
    flags: source.readUInt8(at + 4),
    streamId: source.readUInt32BE(at + 5) & MAX_31_BITS,
  };
}

/** The client's settings. */
export function settingsFrame(settings: readonly (readonly [setting: number, value: number])[]): Buffer {
  const content = Buffer.alloc(settings.length * SETTING_BYTES);
  for (const [index, [setting, value]] of settings.entries()) {
    content.writeUInt16BE(setting, index * SETTING_BYTES);
    content.writeUInt32BE(value, index * SETTING_BYTES + 2);
  }
  return frame({ type: FRAME.settings, flags: 0, streamId: 0 }, content);
}

/** Says that the server's settings are heeded. */
export function settingsAckFrame(): Buffer {
  return frame({ type: FRAME.settings, flags: FLAG.ack, streamId: 0 }, Buffer.alloc(0));
}

/** Widens a window, the connection's where the stream is 0. */
export function windowUpdateFrame(streamId: number, bytes: number): Buffer {
  return frame({ type: FRAME.windowUpdate, flags: 0, streamId }, word(bytes));
}

/** Ends a stream. */
export function rstStreamFrame(streamId: number, code: FaultCode): Buffer {
  return frame({ type: FRAME.rstStream, flags: 0, streamId }, word(ERROR_CODE[code]));
}

/** A ping of ours, or the answer to the server's with its content. */
export function pingFrame(content: Uint8Array, isAnswer: boolean): Buffer {
  return frame({ type: FRAME.ping, flags: isAnswer ? FLAG.ack : 0, streamId: 0 }, content);
}

/** Says goodbye; no stream of the server's was taken. */
export function goAwayFrame(code: FaultCode): Buffer {
  const content = Buffer.concat([word(0), word(ERROR_CODE[code])]);
  return frame({ type: FRAME.goAway, flags: 0, streamId: 0 }, content);
}

function frame(head: Omit<FrameHead, 'length'>, content: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + content.length);
  bytes.set(content, writeHead(bytes, 0, { ...head, length: content.length }));
  return bytes;
}

function word(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(WORD_BYTES);
  bytes.writeUInt32BE(value);
  return bytes;
}
