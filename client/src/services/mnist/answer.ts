import * as z from 'zod';

/** The digit that a picture shows. */
export const digitSchema = z.int().min(0).max(9);

/**
 * How much each place of the model's input speaks for the digit, or against it where negative: rows of values, in a
 * single channel.
 */
export const attributionsSchema = z.tuple([z.array(z.array(z.number()))]);

/** How much each place of the model's input speaks for the digit: `[1, 28, 28]`. */
export type Attributions = z.infer<typeof attributionsSchema>;

/** The rows of a map, each value divided by the largest magnitude there is: −1..1. */
export function scaledRows([rows]: Attributions): number[][] {
  const largest = rows.flat().reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return rows.map((row) => row.map((value) => (largest === 0 ? 0 : value / largest)));
}
