import * as z from 'zod';
import { excerpt } from '../../errors.js';
import { invalidAnswer } from './upstream-error.js';

/** A whole number, which gRPC's 64-bit fields (and some of Triton's JSON) write as digits; exact up to 2^53. */
export const wireInteger = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);

/**
 * Reads an answer of either protocol: JSON, or a gRPC message with the names of its proto.
 * @param subject what was asked, for messages
 * @throws ServiceError `upstream_error` when it is not of the schema
 */
export function parseAnswer<T>(value: unknown, schema: z.ZodType<T>, subject: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path = [], message = '' } = parsed.error.issues[0] ?? {};
  throw invalidAnswer(subject, path.length === 0 ? message : `${excerpt(path.join('.'))}: ${message}`, parsed.error);
}
