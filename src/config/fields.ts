import * as z from 'zod';

/*
 * The kinds of option there are. A value arrives as text (flag, environment) or typed (YAML file); each kind takes both,
 * and its `accepts` metadata says in words what it takes: --help and every message use it.
 */

/** A whole number within a range, both ends included. */
export function integer(range: { min: number; max: number }) {
  const accepts = `a whole number from ${range.min} to ${range.max}`;
  return field(accepts, (given) => {
    const value = typeof given === 'string' && /^\s*[+-]?\d+\s*$/.test(given) ? Number(given) : given;
    return Number.isInteger(value) && Number(value) >= range.min && Number(value) <= range.max
      ? Number(value)
      : undefined;
  });
}

/** A number within a range, both ends included; fractions allowed. */
export function decimal(range: { min: number; max: number }) {
  const accepts = `a number from ${range.min} to ${range.max}`;
  return field(accepts, (given) => {
    const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
    return typeof value === 'number' && value >= range.min && value <= range.max ? value : undefined;
  });
}

/** One of a few words. */
export function choice<const Word extends string>(words: readonly Word[]) {
  return field(`one of ${words.join(', ')}`, (given) => words.find((word) => word === given));
}

/** Text that is not empty. */
export function text(accepts = 'text') {
  return field(accepts, (given) => (typeof given === 'string' && given.trim() !== '' ? given.trim() : undefined));
}

/** Makes a kind of option from `parse`, which gives undefined for what it does not take. */
function field<Value>(accepts: string, parse: (given: unknown) => Value | undefined) {
  return z
    .unknown()
    .transform((given, context): Value => {
      const value = parse(given);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: `expects ${accepts}, received ${shown(given)}` });
      return z.NEVER;
    })
    .meta({ accepts });
}

function shown(given: unknown): string {
  const text = typeof given === 'string' ? `"${given}"` : JSON.stringify(given);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
