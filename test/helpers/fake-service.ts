import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A call as the service received it. */
export interface ReceivedCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Parsed JSON; undefined for GET. */
  readonly body: unknown;
}

/** What to answer: JSON, plain text, no answer at all, or a connection cut after half an answer. */
export type FakeAnswer =
  | { readonly status?: number; readonly json: unknown }
  | { readonly status?: number; readonly text: string }
  | 'hang'
  | 'cut';

/** A face-quality service of a few lines. */
export interface FakeService {
  readonly url: string;
  /** In the order in which they came. */
  readonly calls: readonly ReceivedCall[];
  close(): Promise<void>;
}

/** Starts a real HTTP server on a free port of 127.0.0.1 that answers each call as `answer` says. */
export async function startFakeService(
  answer: (call: ReceivedCall) => FakeAnswer | Promise<FakeAnswer>,
): Promise<FakeService> {
  const calls: ReceivedCall[] = [];
  const server = createServer((request, response) => {
    const { method = '', url: path = '', headers } = request;
    const reply = async () => {
      const call = { method, path, headers, body: method === 'GET' ? undefined : await json(request) };
      calls.push(call);
      send(response, await answer(call));
    };
    // A caller that leaves while its body is read gets no answer.
    reply().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, answer: FakeAnswer): void {
  if (answer === 'hang') return;
  if (answer === 'cut') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
    response.write('{"multi_data":', () => response.destroy());
    return;
  }
  const isJson = 'json' in answer;
  response.writeHead(answer.status ?? 200, { 'content-type': isJson ? 'application/json' : 'text/plain' });
  response.end(isJson ? JSON.stringify(answer.json) : answer.text);
}
