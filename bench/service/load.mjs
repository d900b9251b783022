/**
 * Closed-loop load on one URL over raw sockets. Each client keeps one connection and sends the next request when the
 * answer is in. The request's bytes are made once, and of an answer only status and length are read, so that the
 * generator takes as little of the machine as Go's `hey`.
 */
import { connect } from 'node:net';
import { percentile } from './statistics.mjs';

/** How long after an answer the prober asks for the server's readiness again. */
const HEALTH_PAUSE_MS = 20;

/** A server that refuses at once is not to be asked as fast as it can refuse. */
const ERROR_PAUSE_MS = 1;

/** What the latencies have room for; ten times what Triton itself answers on two cores. */
const MAX_CALLS_PER_SECOND = 100_000;

/** As `hey -t 60`: a run in which an answer takes longer is over. */
const ANSWER_LIMIT_MS = 60_000;

const MAX_ERROR_CHARACTERS = 300;
const READ_BYTES = 65_536;
const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * Loads one server for some seconds, and probes its health meanwhile, on a connection of its own, where it has a path
 * for that.
 * @param {{ port: number, request: Uint8Array, clients: number, seconds: number, healthPath?: string }} job `request`
 *   is all that is sent for a call, head and body
 * @returns {Promise<import('./load.mjs').Load>} latencies in milliseconds; `calls` are those answered 200
 */
export async function runLoad({ port, request, clients, seconds, healthPath }) {
  const latencies = new Float64Array(Math.ceil(seconds * MAX_CALLS_PER_SECOND));
  const health = [];
  let healthFailures = 0;
  let calls = 0;
  let errors = 0;
  let firstError;
  let isOver = false;

  const runClient = () =>
    exchangeInTurn(port, request, ({ status, text, ms }) => {
      if (status === 200) latencies[calls++] = ms;
      else {
        errors++;
        firstError ??= `${status} ${text}`;
      }
      if (isOver || calls === latencies.length) return undefined;
      return status === 200 ? 0 : ERROR_PAUSE_MS;
    });
  const runProber = () =>
    exchangeInTurn(port, requestHead('GET', healthPath, {}), ({ status, ms }) => {
      health.push(ms);
      if (status !== 200) healthFailures++;
      return isOver ? undefined : HEALTH_PAUSE_MS;
    });

  const startedAt = performance.now();
  const timer = setTimeout(() => (isOver = true), seconds * 1000);
  const prober = healthPath === undefined ? undefined : runProber();
  await Promise.all(Array.from({ length: clients }, runClient));
  const elapsedMs = performance.now() - startedAt;
  clearTimeout(timer);
  isOver = true;
  await prober;

  const sorted = latencies.subarray(0, calls).sort();
  const sortedHealth = Float64Array.from(health).sort();
  return {
    calls,
    errors,
    ...(firstError !== undefined && { firstError }),
    elapsedMs,
    callsPerSecond: (calls / elapsedMs) * 1000,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    healthP50Ms: percentile(sortedHealth, 0.5),
    healthP99Ms: percentile(sortedHealth, 0.99),
    healthFailures,
  };
}

/** The first part of a request of HTTP/1.1, with the empty line after it. */
export function requestHead(method, path, headers) {
  const lines = Object.entries({ host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
}

/**
 * Sends the same request again and again on one connection, made anew after a failure. `onAnswer` is told of each answer
 * and says how many milliseconds to wait before the next request; undefined ends it.
 */
function exchangeInTurn(port, request, onAnswer) {
  return new Promise((resolve) => {
    let socket;
    let sentAt = 0;

    const send = () => {
      sentAt = performance.now();
      socket ??= open();
      socket.write(request);
    };
    const settle = (status, text) => {
      const pauseMs = onAnswer({ status, text, ms: performance.now() - sentAt });
      if (pauseMs === 0) send();
      else if (pauseMs !== undefined) setTimeout(send, pauseMs);
      else {
        drop();
        resolve();
      }
    };
    const drop = () => {
      socket?.removeAllListeners('close');
      socket?.destroy();
      socket = undefined;
    };
    const fail = (reason) => {
      drop();
      settle(0, reason);
    };
    const open = () => {
      const take = answerReader({ onAnswer: settle, onFailure: fail });
      const onread = {
        buffer: Buffer.allocUnsafe(READ_BYTES),
        callback: (length, buffer) => {
          take(buffer.subarray(0, length));
          return true;
        },
      };
      const opened = connect({ host: '127.0.0.1', port, noDelay: true, onread });
      opened.setTimeout(ANSWER_LIMIT_MS, () => fail(`no answer within ${ANSWER_LIMIT_MS} ms`));
      let reason = 'the connection was closed';
      opened.on('error', (error) => (reason = error.message));
      opened.on('close', () => fail(reason));
      return opened;
    };
    send();
  });
}

/** Takes answers apart, as their bytes arrive. The bytes may be overwritten after each call. */
function answerReader({ onAnswer, onFailure }) {
  let pending = Buffer.alloc(0);
  let missing = 0;
  let status = 0;
  let text = '';

  const takeBody = (bytes) => {
    missing -= bytes.length;
    if (status !== 200 && text.length < MAX_ERROR_CHARACTERS) text += bytes.toString('latin1');
    if (missing <= 0) onAnswer(status, text.slice(0, MAX_ERROR_CHARACTERS));
  };
  return (chunk) => {
    if (missing > 0) {
      takeBody(chunk);
      return;
    }
    const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    const end = bytes.indexOf(HEAD_END);
    if (end < 0) {
      pending = Buffer.from(bytes);
      return;
    }
    pending = Buffer.alloc(0);
    const head = bytes.latin1Slice(0, end);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) {
      onFailure(`an answer without a content-length: ${head}`);
      return;
    }
    status = Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length));
    text = '';
    missing = Number(length);
    takeBody(bytes.subarray(end + HEAD_END.length));
  };
}
