import type * as z from 'zod';
import { type GivenValues, originOf } from './given-values.js';

/** What came of a group of options; `values` is there when there are no problems. */
export interface ParsedOptions<Schema extends z.ZodObject> {
  readonly values: z.output<Schema> | undefined;
  readonly problems: readonly string[];
}

/** Checks the options of a group that are given, and puts in the defaults of the others. */
export function parseOptions<Schema extends z.ZodObject>(schema: Schema, given: GivenValues): ParsedOptions<Schema> {
  const names = Object.keys(schema.shape).filter((name) => given.has(name));
  const result = schema.safeParse(Object.fromEntries(names.map((name) => [name, given.get(name)?.value])));
  const problems = (result.error?.issues ?? []).map(
    (issue) => `${originOf(given, String(issue.path[0]))} ${issue.message}`,
  );
  return { values: result.data, problems };
}
