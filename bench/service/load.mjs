/**
 * `node bench/service/load.mjs JOB`: closed-loop load on one URL, by one process over raw sockets. Each client keeps one
 * connection and sends the next request when the answer is in; the request's bytes are made once, and of an answer only
 * status and length are read, so that the generator takes as little of the machine as Go's `hey`.
 *
 * Meanwhile a prober asks for the server's readiness on a connection of its own, 20 ms after each answer.
 *
 * JOB is JSON: `{ port, path, headers, bodyFile, clients, seconds, healthPath, healthPort }`; prints JSON.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { percentile } from './statistics.mjs';

const HEALTH_PAUSE_MS = 20;

/** More than any run makes. */
const MAX_CALLS = 2_000_000;

const HEAD_END = Buffer.from('\r\n\r\n');

const job = JSON.parse(process.argv[2] ?? '{}');
const latencies = new Float64Array(MAX_CALLS);
let calls = 0;
let errors = 0;
let firstError;
let isOver = false;

const body = readFileSync(job.bodyFile);
const headers = { ...job.headers, 'content-length': body.byteLength };
const request = Buffer.concat([head('POST', job.path, headers), body]);
const probe = head('GET', job.healthPath, {});
const health = [];

const cpuBefore = process.cpuUsage();
const startedAt = performance.now();
setTimeout(() => (isOver = true), job.seconds * 1000);
const clients = Array.from({ length: job.clients }, () => runClient());
const prober = job.healthPath === undefined ? Promise.resolve() : runProber();
await Promise.all(clients);
const elapsedMs = performance.now() - startedAt;
await prober;
const { user, system } = process.cpuUsage(cpuBefore);
const sorted = latencies.subarray(0, calls).sort();
const sortedHealth = Float64Array.from(health).sort();
console.log(
  JSON.stringify({
    calls,
    errors,
    ...(firstError !== undefined && { firstError }),
    callsPerSecond: (calls / elapsedMs) * 1000,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    healthP50Ms: percentile(sortedHealth, 0.5),
    healthP99Ms: percentile(sortedHealth, 0.99),
    generatorCpuSeconds: (user + system) / 1e6,
    elapsedMs,
  }),
);

async function runClient() {
  const connection = openConnection(job.port);
  while (!isOver) {
    const sentAt = performance.now();
    const { status, text } = await connection.exchange(request);
    if (status === 200) {
      latencies[calls++] = performance.now() - sentAt;
    } else {
      errors++;
      firstError ??= `${status} ${text.slice(0, 300)}`;
      // A server that refuses at once is not to be asked as fast as it can refuse.
      await sleep(1);
    }
  }
  connection.close();
}

async function runProber() {
  const connection = openConnection(job.healthPort ?? job.port);
  while (!isOver) {
    const sentAt = performance.now();
    await connection.exchange(probe);
    health.push(performance.now() - sentAt);
    await sleep(HEALTH_PAUSE_MS);
  }
  connection.close();
}

function head(method, path, fields) {
  const lines = Object.entries({ host: '127.0.0.1', ...fields }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
}

/** One connection, made anew when the server has closed it; one exchange at a time. */
function openConnection(port) {
  let socket;
  let received = Buffer.alloc(0);
  let settle = () => undefined;

  const finish = (answer) => {
    received = Buffer.alloc(0);
    const settled = settle;
    settle = () => undefined;
    settled(answer);
  };
  const fail = (reason) => {
    socket?.destroy();
    socket = undefined;
    finish({ status: 0, text: reason });
  };
  const onData = (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const end = received.indexOf(HEAD_END);
    if (end < 0) return;
    const top = received.toString('latin1', 0, end);
    const length = /\r\ncontent-length: *(\d+)/i.exec(top);
    if (length === null) {
      fail(`an answer without a content-length: ${top}`);
      return;
    }
    if (received.length < end + HEAD_END.length + Number(length[1])) return;
    const status = Number(top.slice(9, 12));
    finish({ status, text: status === 200 ? '' : received.toString('utf8', end + HEAD_END.length) });
  };

  return {
    exchange: (bytes) =>
      new Promise((resolve) => {
        settle = resolve;
        if (socket === undefined) {
          socket = connect({ host: '127.0.0.1', port, noDelay: true });
          socket.on('data', onData);
          socket.on('error', (error) => fail(error.message));
          socket.on('close', () => fail('the connection was closed'));
        }
        socket.write(bytes);
      }),
    close: () => {
      settle = () => undefined;
      socket?.destroy();
    },
  };
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
