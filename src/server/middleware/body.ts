import { type Request, type RequestHandler, raw, type Response } from 'express';
import { startDeadline } from '../../concurrency/deadline.js';
import type { Limiter } from '../../concurrency/limiter.js';
import { excerpt, ServiceError } from '../../errors.js';
import type { ServedCall } from '../../transformers/served-call.js';
import { requestState } from './request-context.js';

/** An error of body-parser, as far as it is read here. */
interface BodyParserError {
  readonly type?: string;
  readonly message: string;
  readonly encoding?: string;
}

/** How long a body may wait to be read; its client, who sends it meanwhile, is then turned away. */
const MAX_WAIT_MS = 10_000;

/** The bounds of bodies. */
export interface BodyLimits {
  readonly maxBodyBytes: number;
  /** Bytes of all bodies that are read and not yet answered; a body that finds no room waits before it is read. */
  readonly bodies: Limiter;
}

/**
 * Reads the whole body into one Buffer at `request.body`, whatever its content type, unpacked from gzip, deflate or br.
 * A body over the limit is refused by its declared length, or while it is read; the rest is thrown away as it comes, so
 * that the client gets to see the answer.
 * Errors: `payload_too_large` (counted after decompression), `unsupported_media_type` for other encodings,
 * `invalid_argument` for a body that breaks off or is not what its headers say, `resource_exhausted` when too many wait,
 * `deadline_exceeded` when it waits longer than its client will.
 */
export function readBody({ maxBodyBytes, bodies }: BodyLimits): RequestHandler {
  const parse = raw({ type: () => true, limit: maxBodyBytes, inflate: true });

  const read = (request: Request, response: Response) =>
    new Promise<Buffer>((resolve, reject) => {
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Express's Request is one
      parse(request, response, (error?: unknown) => {
        if (error !== undefined) reject(toBodyError(error as BodyParserError, maxBodyBytes));
        else resolve(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
      });
    });

  const roomFor = async (weight: number, { signal: parent, timeoutMs = Infinity }: ServedCall) => {
    const wait = startDeadline({ timeoutMs: Math.min(MAX_WAIT_MS, timeoutMs), what: 'Waiting for room', parent });
    try {
      return await bodies.acquire({ weight, signal: wait.signal });
    } catch (error) {
      if (wait.signal.aborted && !parent.aborted && timeoutMs > MAX_WAIT_MS)
        throw new ServiceError('resource_exhausted', 'Too many requests at once; try again later');
      throw error;
    } finally {
      wait.close();
    }
  };

  return async function readBodyMiddleware(request, response, next) {
    if (Number(request.get('content-length')) > maxBodyBytes) throw tooLarge(maxBodyBytes);
    const weight = expectedBytes(request, maxBodyBytes);
    const state = requestState(response);
    const place = await roomFor(weight, state.toCall());
    void state.ended.then(() => place.release());
    const body = await read(request, response);
    place.shrinkTo(body.length);
    state.addBytes({ request: body.length });
    next();
  };
}

/** What readBody has put there. */
export function bodyOf({ body }: Request): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** What a body may come to: its declared length, or the most there may be where that does not tell. */
function expectedBytes(request: Request, maxBodyBytes: number): number {
  const declared = Number(request.get('content-length'));
  const isPlain = (request.get('content-encoding') ?? 'identity') === 'identity';
  return isPlain && Number.isFinite(declared) ? declared : maxBodyBytes;
}

function tooLarge(maxBodyBytes: number): ServiceError {
  return new ServiceError(
    'payload_too_large',
    `The body is larger than the limit of ${maxBodyBytes} bytes (--max_body_bytes)`,
  );
}

function toBodyError(error: BodyParserError, maxBodyBytes: number): ServiceError {
  switch (error.type) {
    case 'entity.too.large':
      return tooLarge(maxBodyBytes);
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
