import { Agent, request } from 'undici';
import * as z from 'zod';
import { EXPECTED_URL, toBaseUrl } from './base-url.js';
import { ClientError, type ClientErrorCode, excerpt } from './client-error.js';

/** Answers larger than this are no scores: 256 pictures with ten faces each stay below 4 MiB. */
const MAX_ANSWER_BYTES = 64 * 2 ** 20;

/** Failures before anything was sent: the service is not there, whatever picture is tried. */
const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name cannot be resolved now',
  ETIMEDOUT: 'the host does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'the host does not answer',
};

const errorBodySchema = z.looseObject({ error: z.string().min(1) });

/** JSON over HTTP to one service. */
export interface JsonHttp {
  /**
   * Sends `body` as JSON, or asks by GET without one, and returns the parsed answer of a 2xx status.
   * @throws ClientError with `status` and the service's text when it refuses; with `code` when no usable answer comes
   */
  call(path: string, options?: { body?: unknown; signal?: AbortSignal | undefined }): Promise<unknown>;
  /** Closes the connections, once running calls have ended. May be called twice. */
  close(): Promise<void>;
}

/**
 * Opens no connection yet.
 * @param options.url where the service is; a path in it is put before every path
 * @param options.timeoutMs limit of one call, connecting and reading included
 * @param options.headers sent with every call; a content-type among them replaces JSON's
 * @throws ClientError `invalid_url`
 */
export function createJsonHttp(options: {
  url: string;
  timeoutMs: number;
  headers: Readonly<Record<string, string>>;
}): JsonHttp {
  const { timeoutMs } = options;
  const base = toBaseUrl(options.url);
  if (base === undefined) throw noAnswer('invalid_url', `url: ${EXPECTED_URL}, received "${excerpt(options.url)}"`);
  const headers = lowerCaseNames(options.headers);
  // The call's own signal is the one time limit, so undici's are off.
  const agent = new Agent({
    maxResponseSize: MAX_ANSWER_BYTES,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: timeoutMs },
  });

  const exchange = async (path: string, body: unknown, signal: AbortSignal | undefined) => {
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await request(`${base}${path}`, {
        dispatcher: agent,
        signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
        headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
        ...(body === undefined ? { method: 'GET' } : { method: 'POST', body: JSON.stringify(body) }),
      });
      return { status: answer.statusCode, text: await answer.body.text() };
    } catch (thrown) {
      if (signal?.aborted === true)
        throw new ClientError('the call was cancelled', { code: 'cancelled', cause: thrown });
      if (limit.aborted) throw noAnswer('timeout', `no answer from ${base} within ${timeoutMs / 1000} s`, thrown);
      throw connectionError(base, thrown);
    }
  };

  return {
    call: async (path, { body, signal } = {}) => {
      const { status, text } = await exchange(path, body, signal);
      const answer = parseJson(text);
      if (status >= 200 && status < 300) {
        if (answer !== undefined) return answer;
        throw noAnswer('bad_answer', `expected JSON from ${base}${path}, received ${quoted(text)}`);
      }
      const refusal = errorBodySchema.safeParse(answer);
      const message = refusal.success ? refusal.data.error : `${base}${path} answers ${status} with ${quoted(text)}`;
      throw new ClientError(message, { status });
    },
    close: async () => {
      if (!agent.closed) await agent.close();
    },
  };
}

/** Otherwise `Content-Type` would be sent beside our `content-type`. */
function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the caller says so, with what came instead.
    return undefined;
  }
}

function quoted(text: string): string {
  return text === '' ? 'an empty body' : `"${excerpt(text)}"`;
}

function connectionError(base: string, thrown: unknown): ClientError {
  const { code = '', message } = thrown as NodeJS.ErrnoException;
  const reason = UNREACHABLE[code];
  if (reason !== undefined) return noAnswer('unreachable', `cannot reach ${base}: ${reason}`, thrown);
  return noAnswer(
    'connection_lost',
    `the connection to ${base} broke before the answer was complete: ${message}`,
    thrown,
  );
}

function noAnswer(code: ClientErrorCode, message: string, cause?: unknown): ClientError {
  return new ClientError(message, { code, cause });
}
