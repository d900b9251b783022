import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError } from '../../../../src/errors.js';
import { createHttpConnection } from '../../../../src/predictor/triton/http/http-connection.js';
import { createHttpGeneration } from '../../../../src/predictor/triton/http/http-generation.js';
import type { GenerateRequest, GenerateResult } from '../../../../src/predictor/triton/inference.js';
import type { TransportCall } from '../../../../src/predictor/triton/transport.js';
import { serveHttp } from '../../../helpers/own-server.js';
import { serviceErrorOf } from '../../../helpers/service-error-of.js';

const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const MAX_ANSWER_BYTES = 1000;

/** A client of a server that answers so. */
async function connectedTo(listener: RequestListener) {
  const server = await serveHttp(listener);
  const options = { concurrency: 1, connectTimeoutMs: 5000, maxAnswerBytes: MAX_ANSWER_BYTES };
  const connection = createHttpConnection(`http://127.0.0.1:${server.port}`, options);
  ends.push(
    () => connection.close(),
    () => server.close(),
  );
  return { server, ...createHttpGeneration(connection, options) };
}

/** A client of a server that writes these events and ends. */
function connectedToEvents(...events: string[]) {
  return connectedTo((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    for (const event of events) response.write(`data: ${event}\n\n`);
    response.end();
  });
}

function answering(status: number, body: string, type = 'application/json'): RequestListener {
  return (_, response) => void response.writeHead(status, { 'content-type': type }).end(body);
}

function call(signal = new AbortController().signal, headers: Record<string, string> = {}): TransportCall {
  return { signal, remainingMs: () => 60_000, headers };
}

const REQUEST: GenerateRequest = { model: 'llama', payload: { text_input: 'Hé', temperature: 0.5, stream: true } };

async function collect(results: AsyncIterable<GenerateResult>): Promise<GenerateResult[]> {
  const collected: GenerateResult[] = [];
  for await (const result of results) collected.push(result);
  return collected;
}

function* endlessPage(): Generator<string> {
  for (;;) yield '<p>Bad gateway</p>';
}

const answer = (token: string) => ({ model_name: 'llama', model_version: '1', text_output: token });

const WENT_AWAY = { code: 'unavailable', message: 'The predictor went away while it worked on the call' };

describe('generate()', () => {
  it.each([
    [undefined, '/v2/models/llama%203/generate'],
    ['2', '/v2/models/llama%203/versions/2/generate'],
  ])('asks version %s with the payload as JSON, not packed', async (version, path) => {
    const asked: unknown[] = [];
    const { generate } = await connectedTo((request: IncomingMessage, response: ServerResponse) => {
      const { method, url, headers } = request;
      void text(request).then((body) => {
        const { 'content-type': type, 'content-encoding': encoding, 'accept-encoding': accepted } = headers;
        asked.push({ method, url, type, encoding, accepted, id: headers['x-request-id'], body: JSON.parse(body) });
        response.end(JSON.stringify(answer('Hi')));
      });
    });
    const request = { ...REQUEST, model: 'llama 3', ...(version !== undefined && { version }) };
    const packed = { ...call(undefined, { 'x-request-id': 'r1' }), compression: 'gzip' } as const;
    expect(await generate(request, packed)).toEqual(answer('Hi'));
    expect(asked).toEqual([{ method: 'POST', url: path, type: 'application/json', id: 'r1', body: REQUEST.payload }]);
  });

  it('takes an answer whose output is called error', async () => {
    const { generate } = await connectedTo(answering(200, '{"model_name":"llama","error":"none"}'));
    expect(await generate(REQUEST, call())).toEqual({ model_name: 'llama', error: 'none' });
  });

  it.each([
    [404, 'NOT_FOUND', 'upstream_error', "Request for unknown model: 'llama' is not found"],
    [400, 'INVALID_ARGUMENT', 'upstream_error', 'expected 1 inputs but got 0'],
    [503, 'UNAVAILABLE', 'unavailable', 'the queue is full'],
    [200, 'UNKNOWN', 'upstream_error', 'generate expects model to produce exactly 1 response'],
  ])('throws the error of an answer of status %i', async (httpStatus, status, code, words) => {
    const { generate } = await connectedTo(answering(httpStatus, JSON.stringify({ error: words })));
    expect(await serviceErrorOf(generate(REQUEST, call()))).toMatchObject({
      code,
      message: `The predictor answered with an error for model llama: ${words}`,
      upstream: { status, httpStatus, text: words },
      isSafeToRetry: status === 'UNAVAILABLE',
    });
  });

  it.each([
    ['is no JSON', 'Hello', 'it is not JSON'],
    ['is no object', '[1]', 'Invalid input: expected record, received array'],
  ])('refuses an answer that %s', async (_, body, problem) => {
    const { generate } = await connectedTo(answering(200, body));
    expect(await serviceErrorOf(generate(REQUEST, call()))).toMatchObject({
      code: 'upstream_error',
      message: `The predictor's answer for model llama is not valid: ${problem}`,
    });
  });

  it.each([
    [{ seed: 3n }, 'payload must hold what JSON can: no bigint, and nothing that holds itself'],
    [undefined, 'payload must be an object; received undefined'],
    [null, 'payload must be an object; received null'],
    ['text', 'payload must be an object; received string'],
  ])('refuses the payload %o, and sends nothing', async (payload, message) => {
    const { generate, server } = await connectedTo(answering(200, '{}'));
    const request = { model: 'llama', payload: payload as Record<string, unknown> };
    expect(await serviceErrorOf(generate(request, call()))).toMatchObject({ code: 'invalid_argument', message });
    expect(server.total).toBe(0);
  });
});

describe('generateStream()', () => {
  it('asks as generate() does, and gives the answers in their order', async () => {
    const asked: unknown[] = [];
    const { generateStream } = await connectedTo((request, response) => {
      void text(request).then((body) => {
        asked.push([request.method, request.url, JSON.parse(body)]);
        for (const token of ['Hé', 'llo\n', '!']) response.write(`data: ${JSON.stringify(answer(token))}\n\n`);
        response.end();
      });
    });
    const results = await collect(generateStream({ ...REQUEST, version: '1' }, call()));
    expect(results).toEqual([answer('Hé'), answer('llo\n'), answer('!')]);
    expect(asked).toEqual([['POST', '/v2/models/llama/versions/1/generate_stream', REQUEST.payload]]);
  });

  it('gives an answer before the next one is there', async () => {
    const gate = new AbortController();
    const { generateStream } = await connectedTo((_, response) => {
      response.write(`data: ${JSON.stringify(answer('a'))}\n\n`);
      gate.signal.onabort = () => response.end(`data: ${JSON.stringify(answer('b'))}\n\n`);
    });
    const tokens: unknown[] = [];
    for await (const { text_output: token } of generateStream(REQUEST, call())) {
      tokens.push(token);
      gate.abort();
    }
    expect(tokens).toEqual(['a', 'b']);
  });

  it('ends without an answer where the model gives none', async () => {
    const { generateStream } = await connectedToEvents();
    expect(await collect(generateStream(REQUEST, call()))).toEqual([]);
  });

  it('throws an error that comes after answers', async () => {
    const { generateStream } = await connectedToEvents(JSON.stringify(answer('a')), '{"error":"out of memory"}');
    const results = generateStream(REQUEST, call())[Symbol.asyncIterator]();
    expect(await results.next()).toEqual({ done: false, value: answer('a') });
    expect(await serviceErrorOf(results.next())).toMatchObject({
      code: 'upstream_error',
      message: 'The predictor answered with an error for model llama: out of memory',
      upstream: { status: 'UNKNOWN', httpStatus: 200, text: 'out of memory' },
      isSafeToRetry: false,
    });
  });

  it.each([
    ['as an event', 'data: {"error":"failed at 0"}\n\n', 'text/event-stream; charset=utf-8', 'failed at 0'],
    ['as JSON', '{"error":"failed at 0"}', 'application/json', 'failed at 0'],
    ['with a long page', '<p>'.repeat(100_000), 'text/html', 'HTTP status 400'],
    ['without a body', '', 'text/event-stream', 'HTTP status 400'],
  ])('throws an error status that comes %s', async (_, body, type, words) => {
    const { generateStream } = await connectedTo(answering(400, body, type));
    expect(await serviceErrorOf(collect(generateStream(REQUEST, call())))).toMatchObject({
      code: 'upstream_error',
      message: `The predictor answered with an error for model llama: ${words}`,
      upstream: { status: 'INVALID_ARGUMENT', httpStatus: 400, text: words },
    });
  });

  it('refuses an event that is no JSON', async () => {
    const { generateStream } = await connectedToEvents('[DONE]');
    expect(await serviceErrorOf(collect(generateStream(REQUEST, call())))).toMatchObject({
      code: 'upstream_error',
      message: "The predictor's answer for model llama is not valid: it is not JSON",
    });
  });

  it('refuses an event over the limit, though answers together may be', async () => {
    const half = JSON.stringify(answer('a'.repeat(MAX_ANSWER_BYTES / 2)));
    const { generateStream } = await connectedToEvents(half, half, half, '"'.repeat(MAX_ANSWER_BYTES));
    const results = generateStream(REQUEST, call())[Symbol.asyncIterator]();
    for (let index = 0; index < 3; index++) expect(await results.next()).toMatchObject({ done: false });
    expect(await serviceErrorOf(results.next())).toMatchObject({
      code: 'upstream_error',
      message: "The predictor's answer for model llama is not valid: it is larger than an answer may be",
    });
  });

  it.each([
    ['after an event', `data: ${JSON.stringify(answer('a'))}\n\n`],
    ['within an event', `data: ${JSON.stringify(answer('a'))}\n\ndata: {`],
  ])('throws when the server goes away %s', async (_, sent) => {
    const { generateStream } = await connectedTo((__, response) => {
      response.write(sent, () => setTimeout(() => response.destroy(), 20));
    });
    const results = generateStream(REQUEST, call())[Symbol.asyncIterator]();
    expect(await results.next()).toEqual({ done: false, value: answer('a') });
    expect(await serviceErrorOf(results.next())).toMatchObject({ ...WENT_AWAY, isSafeToRetry: false });
  });

  it('reads no more of an error page than a message can be long', async () => {
    const { generateStream } = await connectedTo((_, response) => {
      response.writeHead(502, { 'content-type': 'text/html' });
      Readable.from(endlessPage()).pipe(response);
    });
    expect(await serviceErrorOf(collect(generateStream(REQUEST, call())))).toMatchObject({
      code: 'unavailable',
      upstream: { httpStatus: 502, text: 'HTTP status 502' },
    });
  });

  describe('breaks the call off', () => {
    /** A client of a server that answers for ever, and what closes when the client has left. */
    async function endless() {
      const closed: Promise<unknown>[] = [];
      const client = await connectedTo((_, response) => {
        const timer = setInterval(() => response.write(`data: ${JSON.stringify(answer('a'))}\n\n`), 5);
        closed.push(once(response, 'close').then(() => clearInterval(timer)));
      });
      return { ...client, closed };
    }

    it('when the loop is left', async () => {
      const { generateStream, closed, server } = await endless();
      for await (const result of generateStream(REQUEST, call())) {
        expect(result).toEqual(answer('a'));
        break;
      }
      await Promise.all(closed);
      expect(closed).toHaveLength(1);
      while (server.open > 0) await sleep(5);
    });

    it('when the signal is aborted', async () => {
      const { generateStream, closed } = await endless();
      const controller = new AbortController();
      const results = generateStream(REQUEST, call(controller.signal))[Symbol.asyncIterator]();
      await results.next();
      const reason = new ServiceError('deadline_exceeded', 'The call took too long');
      controller.abort(reason);
      await expect(results.next()).rejects.toBe(reason);
      await Promise.all(closed);
      expect(closed).toHaveLength(1);
    });

    it('when an event is refused', async () => {
      const closed: Promise<unknown>[] = [];
      const { generateStream } = await connectedTo((_, response) => {
        closed.push(once(response, 'close'));
        response.write('data: Hello\n\n');
      });
      expect(await serviceErrorOf(collect(generateStream(REQUEST, call())))).toMatchObject({ code: 'upstream_error' });
      await Promise.all(closed);
      expect(closed).toHaveLength(1);
    });
  });

  it('gives no answer that waits once the signal is aborted', async () => {
    const event = JSON.stringify(answer('a'));
    const { generateStream } = await connectedToEvents(`${event}\n\ndata: ${event}`);
    const controller = new AbortController();
    const results = generateStream(REQUEST, call(controller.signal))[Symbol.asyncIterator]();
    await results.next();
    controller.abort();
    expect(await serviceErrorOf(results.next())).toMatchObject({ code: 'cancelled' });
  });

  it('throws when no server is there', async () => {
    const { generateStream, server } = await connectedTo(answering(200, ''));
    await server.close();
    expect(await serviceErrorOf(collect(generateStream(REQUEST, call())))).toMatchObject({
      code: 'unavailable',
      message: 'The predictor cannot be reached',
      isSafeToRetry: true,
    });
  });
});
