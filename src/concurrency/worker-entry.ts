import { move, transferableSymbol, valueSymbol } from 'piscina';
import type { JobMessage } from './worker-pool.js';

/** The worker thread's side of the pool: finds the job's function, runs it, and moves its typed arrays back. */
export default async function runJob({ module, name, input }: JobMessage): Promise<unknown> {
  const exports = (await import(module)) as Record<string, unknown>;
  const run = exports[name];
  if (typeof run !== 'function') throw new TypeError(`${module} exports no function ${name}`);
  const output = (run as (input: unknown) => unknown)(input);
  const buffers = movableBuffers(output);
  if (buffers.length === 0) return output;
  return move({ [transferableSymbol]: buffers, [valueSymbol]: output } as unknown as Parameters<typeof move>[0]);
}

/** The buffers of the typed arrays that are the output itself or its direct fields. */
function movableBuffers(output: unknown): ArrayBuffer[] {
  const isRecord = typeof output === 'object' && output !== null && !ArrayBuffer.isView(output);
  const candidates: unknown[] = isRecord ? Object.values(output) : [output];
  const buffers = candidates.filter((value) => ArrayBuffer.isView(value)).map((view) => view.buffer);
  return [...new Set(buffers)].filter((buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer);
}
