import type * as z from 'zod';

/**
 * The first thing that a schema found, at its place: `inputs[3].shape: expected array, received number`.
 * @param at where in the request the schema's value stands, '' for all of it
 */
export function firstIssue(error: z.ZodError, at = ''): string {
  const [issue] = error.issues;
  const inner = (issue?.path ?? []).map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  const place = `${at}${inner}`.replace(/^\./, '');
  const problem = (issue?.message ?? 'invalid').replace(/^Invalid input: /, '');
  return place === '' ? problem : `${place}: ${problem}`;
}
