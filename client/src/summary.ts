import type { PictureResult } from './score-many.js';

/** A run in numbers. */
export interface Summary {
  readonly pictures: number;
  readonly faces: number;
  readonly errors: number;
  readonly seconds: number;
  readonly pictures_per_second: number;
  readonly calls: number;
  /** Median and maximum of the calls' times; absent without a call. */
  readonly call_ms?: { readonly p50: number; readonly max: number };
}

/** Sums up results. @param totalMs from the first to the last of them */
export function summarize(results: readonly PictureResult[], totalMs: number): Summary {
  const calls = new Map(results.flatMap(({ call }) => (call === undefined ? [] : [[call.id, call.ms] as const])));
  const times = [...calls.values()].sort((a, b) => a - b);
  // The lower one of the two middle values when there are two: a time that was really measured.
  const p50 = times[Math.ceil(times.length / 2) - 1];
  return {
    pictures: results.length,
    faces: results.reduce((sum, result) => sum + countFaces(result), 0),
    errors: results.filter(({ error }) => error !== undefined).length,
    seconds: round(totalMs / 1000, 3),
    pictures_per_second: round(results.length / (totalMs / 1000), 1),
    calls: calls.size,
    ...(p50 === undefined ? {} : { call_ms: { p50: round(p50, 1), max: round(Math.max(...times), 1) } }),
  };
}

/** The faces that were found: items with a box. The simple chain looks for none. */
export function countFaces({ response }: PictureResult): number {
  return response?.data.filter((item) => item.box !== undefined).length ?? 0;
}

/** A summary as one line of text. */
export function summaryLine(summary: Summary): string {
  const { pictures, faces, errors, seconds, calls, call_ms: callMs } = summary;
  const counts = `${counted(pictures, 'picture')}, ${counted(faces, 'face')}, ${counted(errors, 'error')}`;
  const speed = `${seconds.toFixed(2)} s, ${summary.pictures_per_second} pictures/s`;
  const times = callMs === undefined ? '' : `, p50 ${callMs.p50} ms, max ${callMs.max} ms per call`;
  return `${counts} in ${speed}; ${counted(calls, 'call')}${times}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function round(value: number, digits: number): number {
  return Number.isFinite(value) ? Number(value.toFixed(digits)) : 0;
}
