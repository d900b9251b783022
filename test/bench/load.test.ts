import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { requestHead, runLoad } from '../../bench/service/load.mjs';

const REQUEST = Buffer.concat([requestHead('POST', '/predict', { 'content-length': 4 }), Buffer.from('body')]);
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}';

/** A server that is told of each request and its connection; what arrives in one go is one request. */
async function serve(onRequest: (text: string, socket: Socket) => void) {
  const connections = new Set<Socket>();
  let opened = 0;
  const server = createServer((socket) => {
    opened++;
    connections.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => connections.delete(socket));
    socket.on('data', (bytes) => onRequest(bytes.toString(), socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of connections) socket.destroy();
      server.close(() => resolve());
    });
  return { port: (server.address() as AddressInfo).port, opened: () => opened, close };
}

describe('runLoad()', () => {
  let server: Awaited<ReturnType<typeof serve>>;
  afterEach(() => server.close());
  const load = (options: { clients?: number; healthPath?: string } = {}) =>
    runLoad({ port: server.port, request: REQUEST, clients: 2, seconds: 0.2, ...options });

  it('sends the next request when the answer is in, on one connection for each client', async () => {
    const waiting: Socket[] = [];
    let most = 0;
    let requests = 0;
    server = await serve((text, socket) => {
      expect(text).toBe('POST /predict HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 4\r\n\r\nbody');
      most = Math.max(most, waiting.push(socket));
      // The first requests are answered once each client has sent one, and never more than one.
      if (++requests >= 3) for (const each of waiting.splice(0)) each.write(OK);
    });
    const { calls, errors, firstError, callsPerSecond, elapsedMs, p50Ms, p99Ms } = await load({ clients: 3 });
    expect({ errors, firstError, opened: server.opened(), most }).toEqual({
      errors: 0,
      firstError: undefined,
      opened: 3,
      most: 3,
    });
    expect(calls).toBe(requests);
    expect(callsPerSecond).toBeCloseTo((calls / elapsedMs) * 1000);
    expect(p99Ms).toBeGreaterThanOrEqual(p50Ms ?? Infinity);
  });

  it('takes answers that arrive in pieces', async () => {
    server = await serve((_, socket) => {
      const pieces = OK.split('');
      const next = () => {
        const piece = pieces.splice(0, 7).join('');
        if (piece !== '') socket.write(piece, () => setImmediate(next));
      };
      next();
    });
    const { calls, errors } = await load();
    expect(calls).toBeGreaterThan(2);
    expect(errors).toBe(0);
  });

  it('counts answers other than 200, and keeps the first one’s body', async () => {
    let number = 0;
    server = await serve((_, socket) => {
      const body = `{"error":"number ${++number}"}`;
      socket.write(`HTTP/1.1 503 Unavailable\r\ncontent-length: ${body.length}\r\n\r\n`);
      setImmediate(() => socket.write(body));
    });
    const { calls, errors, firstError, p50Ms } = await load({ clients: 1 });
    expect({ calls, errors, p50Ms }).toEqual({ calls: 0, errors: number, p50Ms: undefined });
    expect(firstError).toBe('503 {"error":"number 1"}');
  });

  it.each([
    ['closes the connection', (socket: Socket) => socket.destroy(), /^0 the connection was closed$/],
    [
      'answers without a length',
      (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'),
      /^0 an answer without a content-length: HTTP\/1\.1 200 OK/,
    ],
  ])('goes on with a new connection where a server %s', async (_, answer, message) => {
    let requests = 0;
    server = await serve((_, socket) => {
      if (++requests % 2 === 1) answer(socket);
      else socket.write(OK);
    });
    const { calls, errors, firstError } = await load({ clients: 1 });
    expect(calls).toBeGreaterThan(0);
    expect(errors).toBeGreaterThan(0);
    expect(firstError).toMatch(message);
  });

  it('says that nothing listens', async () => {
    server = await serve(() => undefined);
    await server.close();
    const { calls, firstError } = await load();
    expect(calls).toBe(0);
    expect(firstError).toMatch(/^0 connect ECONNREFUSED/);
  });

  it('probes the health meanwhile', async () => {
    let probes = 0;
    server = await serve((text, socket) => {
      if (text.startsWith('GET /ready ')) probes++;
      const status = text.startsWith('GET') && probes === 1 ? '503 No' : '200 OK';
      socket.write(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`);
    });
    const { errors, healthFailures, healthP99Ms } = await load({ healthPath: '/ready' });
    expect(probes).toBeGreaterThan(1);
    expect({ errors, healthFailures }).toEqual({ errors: 0, healthFailures: 1 });
    expect(healthP99Ms).toBeGreaterThan(0);
  });
});
