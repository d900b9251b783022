import { type RequestHandler, raw } from 'express';
import { excerpt, ServiceError } from '../../errors.js';

/** An error of body-parser, as far as it is read here. */
interface BodyParserError {
  readonly type?: string;
  readonly message: string;
  readonly encoding?: string;
}

/**
 * Reads the whole body into one Buffer at `request.body`, whatever its content type, unpacked from gzip, deflate or br.
 * A body over the limit is read to its end and thrown away, so that the client gets to see the answer.
 * Errors: `payload_too_large` (counted after decompression), `unsupported_media_type` for other encodings,
 * `invalid_argument` for a body that breaks off or is not what its headers say.
 */
export function readBody(options: { maxBodyBytes: number }): RequestHandler {
  const read = raw({ type: () => true, limit: options.maxBodyBytes, inflate: true });
  return function readBodyMiddleware(request, response, next) {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Express's Request is one
    read(request, response, (error?: unknown) => {
      if (error === undefined) next();
      else next(toBodyError(error as BodyParserError, options.maxBodyBytes));
    });
  };
}

function toBodyError(error: BodyParserError, maxBodyBytes: number): ServiceError {
  switch (error.type) {
    case 'entity.too.large':
      return new ServiceError(
        'payload_too_large',
        `The body is larger than the limit of ${maxBodyBytes} bytes (--max_body_bytes)`,
      );
    case 'encoding.unsupported': {
      const encoding = excerpt(error.encoding ?? '');
      return new ServiceError(
        'unsupported_media_type',
        `Content-Encoding "${encoding}" is not accepted; gzip, deflate, br and identity are`,
      );
    }
    case 'request.aborted':
      return new ServiceError('cancelled', 'The client left before its body was complete', { cause: error });
    default:
      return new ServiceError('invalid_argument', `The body cannot be read: ${excerpt(error.message)}`, {
        cause: error,
      });
  }
}
