import type * as z from 'zod';
import { parseAnswer } from '../parse-answer.js';
import { invalidAnswer } from '../upstream-error.js';

/** A whole string or number of JSON, so that digits within a string are not taken for a number. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Integers that may be beyond 2^53, where JSON.parse rounds. */
const LONG_INTEGER = /^-?\d{16,}$/;

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
 * (Node 20's JSON.parse does not show a reviver the digits.)
 */
export function parseJsonWithLongIntegersAsText<T>(bytes: Uint8Array, schema: z.ZodType<T>, subject: string): T {
  const text = textOf(bytes).replace(TOKEN, (token) => (LONG_INTEGER.test(token) ? `"${token}"` : token));
  return parseJsonText(text, schema, subject);
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
