import type * as z from 'zod';
import type { HttpCall, HttpConnection, HttpRequest } from './http-connection.js';
import { fromErrorStatus } from './http-errors.js';
import { parseJson } from './json.js';

const JSON_HEADERS = { 'content-type': 'application/json' };

/** A request whose body, if any, is JSON. */
export interface JsonRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
}

/**
 * Sends a request whose answer says no more than that it was done; gives the answer's body.
 * @throws ServiceError as Predictor says, with `upstream` when the status is not 200
 */
export async function tell(
  connection: Pick<HttpConnection, 'send'>,
  { method, path, body }: JsonRequest,
  call: HttpCall,
): Promise<Uint8Array> {
  const request: HttpRequest =
    body === undefined
      ? { method, path }
      : { method, path, headers: JSON_HEADERS, body: [Buffer.from(JSON.stringify(body), 'utf8')] };
  const answer = await connection.send(request, call);
  if (answer.status !== 200) throw fromErrorStatus(answer.status, answer.body, call.subject);
  return answer.body;
}

/**
 * Sends a request whose answer is JSON.
 * @throws ServiceError as `tell`, and `upstream_error` when the answer is not of the schema
 */
export async function ask<T>(
  connection: Pick<HttpConnection, 'send'>,
  request: JsonRequest & { readonly schema: z.ZodType<T> },
  call: HttpCall,
): Promise<T> {
  return parseJson(await tell(connection, request, call), request.schema, call.subject);
}
