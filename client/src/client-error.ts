/** Codes of failures that the client itself notices; an item's error carries the service's own code instead. */
export type ClientErrorCode =
  'bad_answer' | 'cancelled' | 'connection_lost' | 'invalid_url' | 'timeout' | 'unreachable';

/**
 * Why a picture, or a whole call, was not answered with scores. `message` is the service's own text where there is one.
 * - `status`: the HTTP status of a call that the service refused
 * - `code`: a {@link ClientErrorCode}, `unreadable` for a picture that could not be read, or the code of an item's error
 */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly status: number | undefined;
  readonly code: string | undefined;

  constructor(
    message: string,
    options: { status?: number | undefined; code?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.status = options.status;
    this.code = options.code;
  }
}

/** At most 80 characters of what somebody else sent, on one line and without control characters. */
export function excerpt(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length <= MAX_EXCERPT ? line : `${line.slice(0, MAX_EXCERPT)}…`;
}

const MAX_EXCERPT = 80;
