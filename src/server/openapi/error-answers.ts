import { type ErrorCode, grpcStatus, httpStatus } from '../../errors.js';
import { schemaOf } from './component-schemas.js';
import { type AnswerHeader, headerRef } from './headers.js';
import type { AnswerObject, Content, Reference } from './open-api-document.js';

/** The codes that REST answers: nobody is left to read `cancelled`, and no answer depends on `Accept`. */
export type AnsweredCode = Exclude<ErrorCode, 'cancelled' | 'not_acceptable'>;

/** What is said of a code. */
interface ErrorAnswer {
  readonly when: string;
  /** A message as a client gets it. */
  readonly example?: string;
}

/** When each code is answered. */
export const ERROR_ANSWERS: Readonly<Record<AnsweredCode, ErrorAnswer>> = {
  invalid_argument: {
    when: 'malformed JSON, a missing key, a wrong type, text that is no base64, tensors that do not fill their shapes',
    example: 'expected an object with "multi_data", "data" or "instances", received the keys: images',
  },
  unauthenticated: {
    when: 'the bearer token is missing, or none of those that the service knows',
  },
  permission_denied: {
    when: 'an item that is a URL or a path; the repository where administration is off',
    example: 'data.item: pictures by URL are not allowed here',
  },
  not_found: {
    when: 'an unknown or unloaded model, an unknown version or path',
    example: 'Model with name "faces" does not exist; served here: facequality',
  },
  method_not_allowed: {
    when: 'the path exists, not with this method; `Allow` has those that it has',
    example: 'GET is not allowed here, only POST',
  },
  payload_too_large: {
    when: 'the body, the number of items or a picture is over the limit that the message names',
    example: 'The body is larger than the limit of 67108864 bytes (--max_body_bytes)',
  },
  unsupported_media_type: {
    when: 'a `Content-Encoding` other than gzip, deflate, br and identity',
    example: 'Content-Encoding "zstd" is not accepted; gzip, deflate, br and identity are',
  },
  unprocessable: {
    when: 'not a picture, or one that is empty or broken off',
    example: 'body: not a picture of an accepted format (JPEG, PNG, WebP, GIF, TIFF, AVIF)',
  },
  resource_exhausted: {
    when: 'too many requests wait already; `Retry-After` says when to come back',
    example: 'Too many requests at once; try again later',
  },
  internal: {
    when: 'our fault; the log has the cause under the request id',
    example: 'Internal error; the log has the details under the request id 5f0c8f1e-6a40-4f5e-9d10-8a3c2a1f0b77',
  },
  unimplemented: {
    when: '`:explain` of what has no explanations; what the predictor cannot do',
    example: 'The simple chain has no :explain: its score has no components',
  },
  upstream_error: {
    when: 'the predictor answered with an error or with nonsense',
    example:
      'Model face_pose answered what it cannot have meant: expected output 617 as FP32 [1,3], received FP32 [1,2]',
  },
  unavailable: {
    when: 'the predictor cannot be reached, restarts or has no such model ready; the service stops',
    example: 'Model with name "facequality" is not ready: the predictor has not ready: face_eye',
  },
  deadline_exceeded: {
    when: "the service's time limit is over, or the client's own",
    example: 'The request took longer than its limit of 60000 ms',
  },
};

/** The answer to a request that does not arrive; it comes from the connection, before there is a request. */
export const REQUEST_TIMEOUT = 'request_timeout';

/** Headers that errors of a code have besides those of every answer. */
const HEADERS: Readonly<Partial<Record<AnsweredCode, AnswerHeader>>> = {
  unauthenticated: 'WWW-Authenticate',
  method_not_allowed: 'Allow',
  resource_exhausted: 'Retry-After',
};

/** Each error's answer as a component, by its code. */
export function errorComponents(): Readonly<Record<string, AnswerObject>> {
  const answers = (Object.keys(ERROR_ANSWERS) as AnsweredCode[]).map((code) => {
    const { when, example } = ERROR_ANSWERS[code];
    const header = HEADERS[code];
    const answer: AnswerObject = {
      description: `\`${code}\`: ${when}`,
      headers: {
        'x-request-id': headerRef('x-request-id'),
        ...(header !== undefined && { [header]: headerRef(header) }),
      },
      content: errorContent(code, example),
      'x-http-status': httpStatus(code),
      'x-grpc-status': grpcStatus(code),
    };
    return [code, answer] as const;
  });
  return { ...Object.fromEntries(answers), [REQUEST_TIMEOUT]: requestTimeout() };
}

/** An operation's error answers, by status. */
export function errorResponses(codes: readonly AnsweredCode[]): Readonly<Record<string, Reference>> {
  return Object.fromEntries(codes.map((code) => [String(httpStatus(code)), errorRef(code)]));
}

/** Points to an error's answer. */
export function errorRef(code: AnsweredCode | typeof REQUEST_TIMEOUT): Reference {
  return { $ref: `#/components/responses/${code}` };
}

function requestTimeout(): AnswerObject {
  return {
    description: 'the request did not arrive whole in time',
    content: errorContent(REQUEST_TIMEOUT, 'The request cannot be read: Request Timeout'),
    'x-http-status': 408,
  };
}

function errorContent(name: string, message: string | undefined): Content {
  const examples = message === undefined ? {} : { examples: { [name]: { value: { error: message } } } };
  return { 'application/json': { schema: schemaOf('Error'), ...examples } };
}
