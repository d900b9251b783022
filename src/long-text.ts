import { isUtf8 } from 'node:buffer';
import { ServiceError } from './errors.js';

/** What no string of JSON holds as it is (RFC 8259, 7). */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\x00-\x1f]/;

/**
 * A long text of a request as the bytes that it came in: UTF-8 without escapes. A picture in base64 is decoded from
 * them; to make a string of it takes longer than that, twice: one of the body, one of the text.
 */
export class LongText {
  /** @param bytes a view on the body */
  constructor(readonly bytes: Buffer) {}

  /**
   * The text.
   * @throws ServiceError `invalid_argument` when it is not UTF-8, or holds a control character: then the body is no JSON
   */
  toString(): string {
    if (!isUtf8(this.bytes)) throw new ServiceError('invalid_argument', 'The body is JSON that is not in UTF-8');
    const text = this.bytes.toString('utf8');
    if (CONTROL.test(text))
      throw new ServiceError('invalid_argument', 'The body is malformed JSON: a control character');
    return text;
  }

  /** As JSON.stringify() writes it. */
  toJSON(): string {
    return this.toString();
  }
}
