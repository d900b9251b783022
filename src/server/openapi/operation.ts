import { type AnsweredCode, errorRef, errorResponses, REQUEST_TIMEOUT } from './error-answers.js';
import { type AnswerHeader, headerRef } from './headers.js';
import type {
  Content,
  Example,
  MediaType,
  Operation,
  ParameterObject,
  Paths,
  Reference,
  RequestBody,
} from './open-api-document.js';

/** One operation, as far as it differs from the others. */
export interface OperationDraft {
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string | undefined;
  readonly parameters?: readonly (ParameterObject | Reference)[];
  readonly body?: RequestBody;
  /** The answer of status 200. */
  readonly answer: {
    readonly description: string;
    readonly content: Content;
    readonly headers?: readonly AnswerHeader[];
  };
  readonly errors: readonly AnsweredCode[];
  /** Answers of other statuses that are no errors of the service's own: those that a predictor may answer. */
  readonly otherResponses?: Operation['responses'];
}

/** Errors of every operation that reads a body. */
const BODY_ERRORS: readonly AnsweredCode[] = [
  'invalid_argument',
  'payload_too_large',
  'unsupported_media_type',
  'resource_exhausted',
  'internal',
];

/** Completes an operation by what all have: the request id in the answers, and the errors of what reads a body. */
export function operation(draft: OperationDraft): Operation {
  const { id, tag, summary, description, parameters, body, answer, errors, otherResponses } = draft;
  const { headers = [], ...described } = answer;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
    ...(body !== undefined && { requestBody: body }),
    responses: {
      200: {
        ...described,
        headers: Object.fromEntries((['x-request-id', ...headers] as const).map((name) => [name, headerRef(name)])),
      },
      ...errorResponses(body === undefined ? errors : [...BODY_ERRORS, ...errors]),
      ...(body !== undefined && { 408: errorRef(REQUEST_TIMEOUT) }),
      ...otherResponses,
    },
  };
}

/** A body that is JSON. */
export function json(schema: MediaType['schema'], examples: Readonly<Record<string, Example>> = {}): Content {
  return { 'application/json': { schema, ...(Object.keys(examples).length > 0 && { examples }) } };
}

/** Paths of several sources together. */
export function mergePaths(parts: readonly Paths[]): Paths {
  return Object.fromEntries(parts.flatMap((paths) => Object.entries(paths)));
}
