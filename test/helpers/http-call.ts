import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** What is sent: text and bytes as they are, anything else as JSON. */
export interface HttpCall {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: OutgoingHttpHeaders;
}

/** What came back. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** The body as JSON. */
  json(): unknown;
}

/** Calls a server on a connection of its own, with the headers that are given and no others. */
export async function httpCall(
  url: string,
  { method = 'GET', body, headers = {} }: HttpCall = {},
): Promise<HttpAnswer> {
  const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  const bytes = Buffer.from(isRaw ? (body ?? '') : JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': bytes.length };
    const sent = request(url, { method, agent: false, headers: { ...length, ...headers } }, (response) => {
      const answer = async () => {
        const received = await buffer(response);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          bytes: received,
          json: () => JSON.parse(received.toString('utf8')) as unknown,
        });
      };
      answer().catch(reject);
    });
    sent.on('error', reject);
    sent.end(bytes);
  });
}

/** POSTs to a server. */
export function httpPost(url: string, body: unknown, headers: OutgoingHttpHeaders = {}): Promise<HttpAnswer> {
  return httpCall(url, { method: 'POST', body, headers });
}
