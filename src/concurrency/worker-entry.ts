import { readlinkSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { types } from 'node:util';
import { parentPort } from 'node:worker_threads';
import type { JobAnswer, JobMessage } from './worker-pool.js';

/** The worker thread's side of the pool: finds a job's function, runs it, and moves its typed arrays back. */

type Run = (input: unknown) => unknown;

/** Functions that have been found: to import a module again takes longer than a small picture. */
const found = new Map<string, Promise<Run> | Run>();

/**
 * How much nicer than the event loop the thread is (setpriority(2)): where there are more of them than cores, the loop runs
 * first. With 8 clients at 640×480 the health check's p99 was 10 ms instead of 12, with 32 at 1920×1080 19 instead of 48,
 * requests a second alike or more; 10 gained nothing over it.
 */
const NICENESS = 5;

giveWay();

parentPort?.on('message', (message: JobMessage) => {
  const run = found.get(keyOf(message));
  if (typeof run === 'function') answer(message, run);
  else void findAndAnswer(message);
});

/** Linux alone gives a thread a priority of its own, and says there what its number is. */
function giveWay(): void {
  if (process.platform !== 'linux') return;
  const thread = readlinkSync('/proc/thread-self').split('/').at(-1);
  setPriority(Number(thread), Math.min(getPriority() + NICENESS, constants.priority.PRIORITY_LOW));
}

async function findAndAnswer(message: JobMessage): Promise<void> {
  const key = keyOf(message);
  try {
    const finding = found.get(key) ?? find(message);
    found.set(key, finding);
    const run = await finding;
    found.set(key, run);
    answer(message, run);
  } catch (error) {
    sendError(message.id, error);
  }
}

function keyOf({ module, name }: JobMessage): string {
  return `${name} ${module}`;
}

async function find({ module, name }: JobMessage): Promise<Run> {
  const exports = (await import(module)) as Record<string, unknown>;
  const run = exports[name];
  if (typeof run !== 'function') throw new TypeError(`${module} exports no function ${name}`);
  return run as Run;
}

function answer({ id, input }: JobMessage, run: Run): void {
  try {
    const output = run(input);
    send({ id, output }, movableBuffers(output));
  } catch (error) {
    sendError(id, error);
  }
}

function send(message: JobAnswer, moved: ArrayBuffer[]): void {
  parentPort?.postMessage(message, moved);
}

/** Of all that may be thrown, structured clone keeps JavaScript's own errors alone as they are. */
function sendError(id: number, error: unknown): void {
  send({ id, error: types.isNativeError(error) ? error : new Error(String(error)) }, []);
}

/** The buffers of the typed arrays that are the output itself or its direct fields. */
function movableBuffers(output: unknown): ArrayBuffer[] {
  if (ArrayBuffer.isView(output)) return output.buffer instanceof ArrayBuffer ? [output.buffer] : [];
  const fields = typeof output === 'object' && output !== null ? Object.values(output) : [];
  const buffers = fields.filter((value) => ArrayBuffer.isView(value)).map((view) => view.buffer);
  return [...new Set(buffers)].filter((buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer);
}
