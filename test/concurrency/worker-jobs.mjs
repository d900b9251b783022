import { readlinkSync } from 'node:fs';
import { getPriority } from 'node:os';
import { isMainThread } from 'node:worker_threads';

/** Jobs of worker-pool.test.ts. */
export function double(n) {
  return { doubled: 2 * n, isMain: isMainThread };
}

export function sumAndMark(values) {
  const sum = Float32Array.of(values[0] + values[1]);
  values[0] = -1;
  return { sum };
}

export function fail() {
  throw new Error('job failed');
}

export function count(counter) {
  return Atomics.add(counter, 0, 1);
}

export function end(code) {
  process.exit(code);
}

export function giveFunction() {
  return { run: () => undefined };
}

export function priority() {
  return getPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)));
}
