import busboy from 'busboy';
import { excerpt, ServiceError } from '../../errors.js';
import { tooManyItems } from '../../transformers/run-transformer.js';
import type { Uploads } from '../../transformers/transformer.js';

/** One file of a form. */
export interface UploadedFile {
  /** For messages: `file "face.jpg"`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Fields that are no files are passed over, but not any number of them. */
const MAX_FIELDS = 100;

/**
 * The files of a multipart/form-data body, in order. Fields that are no files are passed over.
 * @throws ServiceError `invalid_argument` when the form is broken or holds no file, `payload_too_large` when it holds
 * more than maxFiles
 */
export function multipartFiles(
  body: Buffer,
  contentType: string,
  { maxFiles, uploads }: { readonly maxFiles: number; readonly uploads: Uploads },
): Promise<UploadedFile[]> {
  return new Promise((resolve, reject) => {
    const files: UploadedFile[] = [];
    const fail = (cause: unknown) => {
      const reason = excerpt(cause instanceof Error ? cause.message : String(cause));
      reject(new ServiceError('invalid_argument', `The multipart form cannot be read: ${reason}`, { cause }));
    };
    try {
      const parser = busboy({
        headers: { 'content-type': contentType },
        // Browsers and curl send file names in UTF-8 (RFC 7578, 5.1).
        defParamCharset: 'utf8',
        // The body has passed --max_body_bytes, so a single file needs no limit of its own.
        limits: { files: maxFiles, fileSize: body.length, fields: MAX_FIELDS, parts: maxFiles + MAX_FIELDS },
      });
      parser.on('file', (field, stream, { filename }: { filename?: string }) => {
        const chunks: Buffer[] = [];
        // A form that ends within a file breaks the file's stream, too.
        stream.on('error', fail);
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () =>
          files.push({ path: `file "${excerpt(filename ?? field)}"`, bytes: Buffer.concat(chunks) }),
        );
      });
      parser.on('filesLimit', () => reject(tooManyItems(maxFiles + 1, maxFiles)));
      for (const limit of ['fieldsLimit', 'partsLimit'] as const)
        parser.on(limit, () => fail(`it has more than ${MAX_FIELDS} fields beside its files`));
      parser.on('error', fail);
      parser.on('close', () => {
        if (files.length > 0) resolve(files);
        else reject(new ServiceError('invalid_argument', `The multipart form holds no file; send ${uploads} as files`));
      });
      parser.end(body);
    } catch (error) {
      fail(error);
    }
  });
}
