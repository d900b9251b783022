/** A whole string or number of JSON, so that digits within a string are not taken for a number. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Integers that may be beyond 2^53, where JSON.parse rounds. */
const LONG_INTEGER = /^-?\d{16,}$/;

/**
 * JSON text in which integers of 16 digits and more stand as strings, so that they keep their digits when it is parsed.
 * (Node 20's JSON.parse does not show a reviver the digits.)
 */
export function quoteLongIntegers(text: string): string {
  return text.replace(TOKEN, (token) => (LONG_INTEGER.test(token) ? `"${token}"` : token));
}

/** Whether a parsed number may have been rounded: an integer beyond ±(2^53 - 1). */
export function isRoundedInteger(value: unknown): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}
