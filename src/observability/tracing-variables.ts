import * as z from 'zod';
import { excerpt } from '../errors.js';

/*
 * The kinds of variable that configure tracing, after
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/. Each is optional: one that is empty
 * counts as one that is not there. Words are taken in any case.
 */

const MAX_INT32 = 2 ** 31 - 1;

const PAIR = /^(?<name>[^=]*[^=\s][^=]*)=(?<value>.*)$/s;

/** One of a few words. */
export function word<const Word extends string>(words: readonly Word[]) {
  return variable(`one of ${words.join(', ')}`, (text) => words.find((known) => known === text.toLowerCase()));
}

/** Words of a list, separated by commas, in their order; each is kept once. */
export function words<const Word extends string>(known: readonly Word[]) {
  return variable(`a list of ${known.join(', ')}`, (text) => {
    const given = text.split(',').map((one) => known.find((word) => word === one.trim().toLowerCase()));
    const found = given.filter((one) => one !== undefined);
    return found.length === given.length ? [...new Set(found)] : undefined;
  });
}

/** A whole number. */
export function wholeNumber({ min }: { min: number }) {
  return variable(`a whole number from ${min} to ${MAX_INT32}`, (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    return value >= min && value <= MAX_INT32 ? value : undefined;
  });
}

/** A share of the whole. */
export function ratio() {
  return variable('a number from 0 to 1', (text) => {
    const value = Number(text);
    return value >= 0 && value <= 1 ? value : undefined;
  });
}

/** Any text. */
export function anyText() {
  return variable('text', (text) => text);
}

/** The address of an HTTP server. */
export function httpUrl() {
  return variable('an http:// or https:// URL', (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    return url !== undefined && /^https?:$/.test(url.protocol) ? url : undefined;
  });
}

/** `name=value,name=value`, percent-encoded. */
export function pairs() {
  return variable('name=value pairs, separated by commas and percent-encoded', toPairs);
}

/** Pairs of which nothing is repeated in messages, for they hold keys. */
export function secretPairs() {
  return variable('name=value pairs, separated by commas and percent-encoded', toPairs, () => 'something else');
}

function toPairs(text: string): Readonly<Record<string, string>> | undefined {
  const pairs = text.split(',').filter((pair) => pair.trim() !== '');
  const found = pairs.flatMap((pair): [string, string][] => {
    const { name, value } = PAIR.exec(pair)?.groups ?? {};
    return name === undefined || value === undefined ? [] : [[decoded(name), decoded(value)]];
  });
  return found.length === pairs.length ? Object.fromEntries(found) : undefined;
}

/** What is not percent-encoded well is meant as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return text.trim();
  }
}

function variable<Value>(
  accepts: string,
  parse: (text: string) => Value | undefined,
  shown = (text: string): string => `"${excerpt(withoutCredentials(text))}"`,
) {
  return z
    .string()
    .transform((text, context): Value => {
      const value = parse(text.trim());
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: `expects ${accepts}, received ${shown(text)}` });
      return z.NEVER;
    })
    .optional();
}

function withoutCredentials(text: string): string {
  return text.replace(/[^/\s]*@/, '…@');
}
