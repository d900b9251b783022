import { ServiceError } from '../../errors.js';
import { multipartFiles } from './multipart.js';
import type { Uploads } from '../../transformers/transformer.js';
import { filesAsV1Request, type V1Limits, type V1Request } from './v1-request.js';

/** How much of a body is looked at to tell text from a picture. */
const SNIFFED_BYTES = 512;

/** One of them, for messages. */
const ONE = { pictures: 'a picture', texts: 'a text' } as const satisfies Record<Uploads, string>;

/** Labels of JSON: a text under one of them is JSON that went wrong. */
const JSON_LABEL = /^application\/([^;]*\+)?json\b/i;

/**
 * Reads a V1 body that is no JSON object, by its bytes rather than its label: multipart/form-data holds files; other
 * bytes are a picture, unless they are plain text, or for a service of texts a text, unless they are labelled as JSON.
 * @throws ServiceError `invalid_argument` for an empty body, text where a picture is needed, broken multipart
 */
export async function readV1Uploads(
  body: Buffer,
  contentType: string | undefined,
  limits: V1Limits,
): Promise<V1Request> {
  const { uploads = 'pictures', maxItems } = limits;
  const one = ONE[uploads];
  if (body.length === 0) throw new ServiceError('invalid_argument', `The body is empty; expected JSON or ${one}`);
  if (contentType !== undefined && /^multipart\/form-data/i.test(contentType))
    return filesAsV1Request(await multipartFiles(body, contentType, { maxFiles: maxItems, uploads }), limits);
  const isRefused = uploads === 'texts' ? JSON_LABEL.test(contentType ?? '') : isTextForPicture(body, contentType);
  if (isRefused)
    throw new ServiceError('invalid_argument', `The body is neither a JSON object (which begins with "{") nor ${one}`);
  return filesAsV1Request([{ path: 'body', bytes: body }], limits);
}

function isTextForPicture(body: Buffer, contentType: string | undefined): boolean {
  const isLabelledPicture = contentType !== undefined && /^image\//i.test(contentType);
  return !isLabelledPicture && isText(body);
}

/** Text holds no control characters but white space; every picture format has some in its first bytes. */
function isText(body: Buffer): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return !/[\x00-\x08\x0e-\x1f\x7f-\x9f]/.test(body.subarray(0, SNIFFED_BYTES).toString('latin1'));
}
