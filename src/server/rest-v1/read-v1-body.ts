import { ServiceError } from '../../errors.js';
import { assertModestJson } from './json-bounds.js';
import { multipartFiles } from './multipart.js';
import { filesAsV1Request, parseV1Request, type V1Limits, type V1Request } from './v1-request.js';

/** How much of a body is looked at to tell text from a picture. */
const SNIFFED_BYTES = 512;

const UTF8_BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Reads a V1 body by its bytes, not by its label: clients send the very same JSON as application/json, as form data, as
 * image/jpeg, as octet-stream or without a type. What begins with `{` is JSON; multipart/form-data holds files; other
 * bytes are a picture, unless they are plain text.
 * @throws ServiceError `invalid_argument` for an empty body, text that is not a JSON object, broken multipart
 */
export async function readV1Body(body: Buffer, contentType: string | undefined, limits: V1Limits): Promise<V1Request> {
  if (body.length === 0) throw new ServiceError('invalid_argument', 'The body is empty; expected JSON or a picture');
  const text = body.subarray(0, 3).equals(UTF8_BOM) ? body.subarray(3) : body;
  if (firstCharacter(text) === '{') return parseV1Request(parseJson(text), limits);
  if (contentType !== undefined && /^multipart\/form-data/i.test(contentType))
    return filesAsV1Request(await multipartFiles(body, contentType, limits.maxItems), limits);
  const isLabelledPicture = contentType !== undefined && /^image\//i.test(contentType);
  if (!isLabelledPicture && isText(body))
    throw new ServiceError(
      'invalid_argument',
      'The body is neither a JSON object (which begins with "{") nor a picture',
    );
  return filesAsV1Request([{ path: 'body', bytes: body }], limits);
}

function firstCharacter(text: Buffer): string {
  return text.subarray(0, SNIFFED_BYTES).toString('latin1').trimStart().charAt(0);
}

/** Text holds no control characters but white space; every picture format has some in its first bytes. */
function isText(body: Buffer): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return !/[\x00-\x08\x0e-\x1f\x7f-\x9f]/.test(body.subarray(0, SNIFFED_BYTES).toString('latin1'));
}

/** V8's message may quote the body, so only the position is taken from it. */
function parseJson(text: Buffer): Record<string, unknown> {
  assertModestJson(text);
  try {
    return JSON.parse(text.toString('utf8')) as Record<string, unknown>;
  } catch (error) {
    const position = /at position \d+/.exec(String(error))?.[0];
    throw new ServiceError(
      'invalid_argument',
      `The body is malformed JSON${position === undefined ? '' : ` ${position}`}`,
    );
  }
}
