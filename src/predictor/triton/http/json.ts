import type * as z from 'zod';
import { quoteLongIntegers } from '../../../oip/json-integers.js';
import { parseAnswer } from '../parse-answer.js';
import { invalidAnswer } from '../upstream-error.js';

/**
 * Reads JSON from the predictor.
 * @param subject what was asked, for messages
 * @throws ServiceError `upstream_error` when it is no JSON or not of the schema
 */
export function parseJson<T>(bytes: Uint8Array, schema: z.ZodType<T>, subject: string): T {
  return parseJsonText(textOf(bytes), schema, subject);
}

/**
 * Reads JSON as parseJson does, but integers of 16 digits and more come as strings, so that they keep their digits.
 */
export function parseJsonWithLongIntegersAsText<T>(bytes: Uint8Array, schema: z.ZodType<T>, subject: string): T {
  return parseJsonText(quoteLongIntegers(textOf(bytes)), schema, subject);
}

/** Reads JSON that is text already, as parseJson does. */
export function parseJsonText<T>(text: string, schema: z.ZodType<T>, subject: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalidAnswer(subject, 'it is not JSON', error);
  }
  return parseAnswer(value, schema, subject);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
