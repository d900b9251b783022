import { headTooLarge, notHttp } from './http-errors.js';

const LINE_FEED = 0x0a;

/** Bytes that came together, and up to where they are read. */
export interface Received {
  readonly bytes: Buffer;
  offset: number;
}

/** Reads lines that end with CRLF, however the bytes are cut. */
export class LineReader {
  readonly #subject: string;
  #leftBytes: number;
  #held = '';

  /** @param maxBytes how long all lines together may be, with their ends */
  constructor(maxBytes: number, subject: string) {
    this.#leftBytes = maxBytes;
    this.#subject = subject;
  }

  /** The beginning of a line whose end has not come. */
  get held(): string {
    return this.#held;
  }

  /**
   * The next line without its end, as Latin-1; undefined when more bytes are needed.
   * @throws ServiceError `upstream_error` beyond the limit, and for a CR or an LF that stands alone, by which readers
   * may come to see different messages in the same bytes (RFC 9112, 2.2)
   */
  next(received: Received): string | undefined {
    const { bytes, offset } = received;
    const lineFeed = bytes.indexOf(LINE_FEED, offset);
    const end = lineFeed === -1 ? bytes.length : lineFeed + 1;
    this.#leftBytes -= end - offset;
    if (this.#leftBytes < 0) throw headTooLarge(this.#subject);
    this.#held += bytes.toString('latin1', offset, end);
    received.offset = end;
    if (lineFeed === -1) return undefined;
    const line = this.#held;
    this.#held = '';
    const carriageReturn = line.indexOf('\r');
    if (carriageReturn === -1 || carriageReturn !== line.length - 2) {
      throw notHttp(this.#subject, 'a line does not end with CRLF');
    }
    return line.slice(0, -2);
  }
}
