import type { InputResult } from './send-many.js';

/** A run in numbers. */
export interface Summary {
  readonly inputs: number;
  /** How many things the service found in them; absent where it looks for none. */
  readonly found?: number;
  readonly errors: number;
  readonly seconds: number;
  readonly inputsPerSecond: number;
  readonly calls: number;
  /** Median and maximum of the calls' times; absent without a call. */
  readonly callMs?: { readonly p50: number; readonly max: number };
}

/** How a summary calls what it counts. */
export interface SummaryWords {
  readonly input: { readonly one: string; readonly many: string };
  readonly found?: { readonly one: string; readonly many: string } | undefined;
}

/**
 * Sums up results.
 * @param options.totalMs from the first to the last of them
 * @param options.countFound how many things are in an answer
 */
export function summarize<Answer>(
  results: readonly InputResult<Answer>[],
  { totalMs, countFound }: { totalMs: number; countFound?: ((answer: Answer) => number) | undefined },
): Summary {
  const calls = new Map(results.flatMap(({ call }) => (call === undefined ? [] : [[call.id, call.ms] as const])));
  const times = [...calls.values()].sort((a, b) => a - b);
  // The lower one of the two middle values when there are two: a time that was really measured.
  const p50 = times[Math.ceil(times.length / 2) - 1];
  const found = results.reduce((sum, { answer }) => sum + (answer === undefined ? 0 : (countFound?.(answer) ?? 0)), 0);
  return {
    inputs: results.length,
    ...(countFound === undefined ? {} : { found }),
    errors: results.filter(({ error }) => error !== undefined).length,
    seconds: round(totalMs / 1000, 3),
    inputsPerSecond: round(results.length / (totalMs / 1000), 1),
    calls: calls.size,
    ...(p50 === undefined ? {} : { callMs: { p50: round(p50, 1), max: round(Math.max(...times), 1) } }),
  };
}

/** A summary as one line of text. */
export function summaryLine(summary: Summary, { input, found }: SummaryWords): string {
  const { inputs, errors, seconds, calls, callMs } = summary;
  const things = found === undefined ? [] : [counted(summary.found ?? 0, found)];
  const counts = [counted(inputs, input), ...things, counted(errors, { one: 'error', many: 'errors' })].join(', ');
  const speed = `${seconds.toFixed(2)} s, ${summary.inputsPerSecond} ${input.many}/s`;
  const times = callMs === undefined ? '' : `, p50 ${callMs.p50} ms, max ${callMs.max} ms per call`;
  return `${counts} in ${speed}; ${counted(calls, { one: 'call', many: 'calls' })}${times}`;
}

/** A summary as it stands in a JSON document: what is counted is called by its own name. */
export function summaryObject(summary: Summary, { input, found }: SummaryWords): Readonly<Record<string, unknown>> {
  const { inputs, errors, seconds, inputsPerSecond, calls, callMs } = summary;
  return {
    [input.many]: inputs,
    ...(found === undefined ? {} : { [found.many]: summary.found }),
    errors,
    seconds,
    [`${input.many}_per_second`]: inputsPerSecond,
    calls,
    ...(callMs === undefined ? {} : { call_ms: callMs }),
  };
}

function counted(count: number, { one, many }: { one: string; many: string }): string {
  return `${count} ${count === 1 ? one : many}`;
}

function round(value: number, digits: number): number {
  return Number.isFinite(value) ? Number(value.toFixed(digits)) : 0;
}
