import { excerpt } from '../../../errors.js';
import { notHttp } from './http-errors.js';
import { LineReader, type Received } from './line-reader.js';
import { addHeaderLine } from './response-head.js';

/** RFC 9112, 7.1: the size, and extensions, which mean nothing to us. 13 digits are beyond any buffer's size. */
const CHUNK_LINE = /^([\da-f]{1,13})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/i;

/** For a chunk's first line with its extensions, and for all trailers together. */
const MAX_LINE_BYTES = 16 * 1024;

/** A body that comes in chunks, each with its size before it; trailers are read and left. */
export class ChunkedBody {
  readonly #subject: string;
  readonly #onPiece: (piece: Buffer) => void;
  #state: 'size' | 'data' | 'end of data' | 'trailers' | 'done' = 'size';
  #lines: LineReader;
  #leftBytes = 0;

  /** @param onPiece called with each piece of the body, a view on the bytes received */
  constructor(subject: string, onPiece: (piece: Buffer) => void) {
    this.#subject = subject;
    this.#onPiece = onPiece;
    this.#lines = new LineReader(MAX_LINE_BYTES, subject);
  }

  /**
   * Reads on, up to the end of the body at most.
   * @returns whether the body has ended
   * @throws ServiceError `upstream_error` when it is no chunked body
   */
  read(received: Received): boolean {
    while (this.#state !== 'done' && received.offset < received.bytes.length) {
      if (this.#state === 'data') this.#readData(received);
      else this.#readLine(received);
    }
    return this.#state === 'done';
  }

  #readData(received: Received): void {
    const { bytes, offset } = received;
    const end = Math.min(bytes.length, offset + this.#leftBytes);
    received.offset = end;
    this.#leftBytes -= end - offset;
    if (this.#leftBytes === 0) this.#state = 'end of data';
    this.#onPiece(bytes.subarray(offset, end));
  }

  #readLine(received: Received): void {
    const line = this.#lines.next(received);
    if (line === undefined) return;
    if (this.#state === 'trailers') this.#endTrailer(line);
    else if (this.#state === 'size') this.#beginChunk(line);
    else this.#endChunk(line);
  }

  #beginChunk(line: string): void {
    const size = CHUNK_LINE.exec(line)?.[1];
    if (size === undefined) throw notHttp(this.#subject, `a chunk begins with ${JSON.stringify(excerpt(line))}`);
    this.#leftBytes = parseInt(size, 16);
    this.#state = this.#leftBytes === 0 ? 'trailers' : 'data';
    this.#lines = new LineReader(MAX_LINE_BYTES, this.#subject);
  }

  #endChunk(line: string): void {
    if (line !== '') throw notHttp(this.#subject, 'a chunk is longer than its size');
    this.#state = 'size';
  }

  #endTrailer(line: string): void {
    if (line === '') this.#state = 'done';
    // Only to see that it is one.
    else addHeaderLine(new Map(), line, this.#subject);
  }
}
