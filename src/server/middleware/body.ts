import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Request, type RequestHandler, raw } from 'express';
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
 * Reads the whole body of a request.
 * @throws ServiceError as readBody says
 */
export type BodyReader = (request: IncomingMessage, response: ServerResponse) => Promise<Buffer>;

/** As createBodyReader(), for Express: the body stands at `request.body`. */
export function readBody(limits: BodyLimits): RequestHandler {
  const read = createBodyReader(limits);
  return async function readBodyMiddleware(request, response, next) {
    request.body = await read(request, response);
    next();
  };
}

/**
 * Makes what reads a whole body into one Buffer, whatever its content type, unpacked from gzip, deflate or br.
 * A body over the limit is refused by its declared length, or while it is read; the rest is thrown away as it comes, so
 * that the client gets to see the answer.
 * Errors: `payload_too_large` (counted after decompression), `unsupported_media_type` for other encodings,
 * `invalid_argument` for a body that breaks off or is not what its headers say, `resource_exhausted` when too many wait,
 * `deadline_exceeded` when it waits longer than its client will.
 */
export function createBodyReader({ maxBodyBytes, bodies }: BodyLimits): BodyReader {
  const parse = raw({ type: () => true, limit: maxBodyBytes, inflate: true });

  const readParsed = (request: IncomingMessage & { body?: unknown }, response: ServerResponse) =>
    new Promise<Buffer>((resolve, reject) => {
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- it reads what any request has
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

  return async (request, response) => {
    const announced = announcedBytes(request);
    if (Number(request.headers['content-length']) > maxBodyBytes) throw tooLarge(maxBodyBytes);
    const weight = announced ?? maxBodyBytes;
    const state = requestState(response);
    // Nearly always there is room: then nothing has to be made that ends the waiting.
    const place = bodies.tryAcquire(weight) ?? (await roomFor(weight, state.toCall()));
    void state.ended.then(() => place.release());
    const body = await (announced === undefined ? readParsed(request, response) : readPlain(request, announced));
    place.shrinkTo(body.length);
    state.addBytes({ request: body.length });
    return body;
  };
}

/** What readBody has put there. */
export function bodyOf({ body }: Request): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** The length of a body, where it is announced and the body is not packed; Node sees to it that no more comes. */
function announcedBytes({ headers }: IncomingMessage): number | undefined {
  const { 'content-length': length, 'content-encoding': encoding = 'identity' } = headers;
  return length === undefined || encoding.toLowerCase() !== 'identity' ? undefined : Number(length);
}

/** Reads a body of known length into its place, each byte copied once; one that comes in one piece is not copied. */
function readPlain(request: IncomingMessage, byteLength: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let body: Buffer | undefined;
    let received = 0;
    const onData = (chunk: Buffer) => {
      if (received === 0 && chunk.length === byteLength) {
        body = chunk;
      } else {
        body ??= Buffer.allocUnsafeSlow(byteLength);
        chunk.copy(body, received);
      }
      received += chunk.length;
    };
    const onEnd = () => {
      letGo();
      resolve(body ?? Buffer.alloc(0));
    };
    const onBroken = (cause?: Error) => {
      letGo();
      reject(new ServiceError('cancelled', 'The client left before its body was complete', { cause }));
    };
    const letGo = () => {
      request.off('data', onData);
      request.off('end', onEnd);
      request.off('close', onBroken);
    };
    request.on('data', onData);
    request.on('end', onEnd);
    request.on('close', onBroken);
    // Stays: an error without a listener ends the process.
    request.on('error', onBroken);
  });
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
