import { types } from 'node:util';
import { parentPort } from 'node:worker_threads';
import type { JobAnswer, JobMessage } from './worker-pool.js';

/** The worker thread's side of the pool: finds a job's function, runs it, and moves its typed arrays back. */

type Run = (input: unknown) => unknown;

/** Functions that have been found: to import a module again takes longer than a small picture. */
const found = new Map<string, Promise<Run> | Run>();

parentPort?.on('message', (message: JobMessage) => {
  const run = found.get(keyOf(message));
  if (typeof run === 'function') answer(message, run);
  else void findAndAnswer(message);
});

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
