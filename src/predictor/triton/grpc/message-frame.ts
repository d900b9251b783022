import { Buffer, constants } from 'node:buffer';
import { answerTooLarge, invalidAnswer } from '../upstream-error.js';

/**
 * Every message stands behind one byte that says whether it is packed, and its length as 32 bits, big-endian
 * (github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md, "Length-Prefixed-Message").
 */
const PREFIX_BYTES = 5;

/** The largest element of a tensor, in bytes: what lies aligned to it can be viewed as any datatype. */
const ALIGNMENT = 8;

/** A message's pieces as they are sent. */
export function framePieces(pieces: readonly Uint8Array[], isPacked: boolean): readonly Uint8Array[] {
  const messageBytes = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  prefix.writeUInt8(Number(isPacked));
  prefix.writeUInt32BE(messageBytes, 1);
  return [prefix, ...pieces];
}

/** A message as it came. */
export interface ReceivedMessage {
  /** Whether it is packed, as the header `grpc-encoding` says. */
  readonly isPacked: boolean;
  readonly bytes: Buffer;
}

/** Puts the one message of an answer together from its pieces. */
export interface MessageCollector {
  /** @throws ServiceError `upstream_error` when there is more than one message, or it is larger than may be */
  add(piece: Buffer): void;
  /** The message when it is whole. */
  message(): ReceivedMessage | undefined;
}

/**
 * Starts an answer. Its memory is allocated once, when its length is known, and such that it ends aligned: the raw
 * contents of the last tensor, often the only one, end a message of inference, so they can be viewed where they are.
 */
export function createMessageCollector(limit: { maxAnswerBytes: number; subject: string }): MessageCollector {
  return new Collector(Math.min(limit.maxAnswerBytes, constants.MAX_LENGTH - ALIGNMENT), limit.subject);
}

class Collector implements MessageCollector {
  readonly #maxBytes: number;
  readonly #subject: string;
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  #prefixBytes = 0;
  #bytes: Buffer | undefined;
  #receivedBytes = 0;

  constructor(maxBytes: number, subject: string) {
    this.#maxBytes = maxBytes;
    this.#subject = subject;
  }

  add(piece: Buffer): void {
    const ofPrefix = this.#prefixBytes < PREFIX_BYTES ? piece.copy(this.#prefix, this.#prefixBytes) : 0;
    this.#prefixBytes += ofPrefix;
    if (this.#prefixBytes < PREFIX_BYTES) return;
    this.#bytes ??= this.#allocate(this.#prefix.readUInt32BE(1));
    if (piece.length - ofPrefix > this.#bytes.length - this.#receivedBytes) {
      throw invalidAnswer(this.#subject, 'there are bytes behind its one message');
    }
    this.#receivedBytes += piece.copy(this.#bytes, this.#receivedBytes, ofPrefix);
  }

  message(): ReceivedMessage | undefined {
    if (this.#bytes === undefined || this.#receivedBytes < this.#bytes.length) return undefined;
    return { isPacked: this.#prefix[0] === 1, bytes: this.#bytes };
  }

  #allocate(bytes: number): Buffer {
    if (bytes > this.#maxBytes) {
      throw answerTooLarge(this.#subject, new RangeError(`${bytes} bytes, but at most ${this.#maxBytes} are read`));
    }
    const padding = (ALIGNMENT - (bytes % ALIGNMENT)) % ALIGNMENT;
    return Buffer.allocUnsafe(padding + bytes).subarray(padding);
  }
}
