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

/** Text that is not empty, and of a certain form where there is one. */
export function text(accepts = 'text', form = /\S/) {
  return field(accepts, (given) =>
    typeof given === 'string' && given.trim() !== '' && form.test(given.trim()) ? given.trim() : undefined,
  );
}

/** The words of Python's strtobool, which KServe's flags take in any case. */
const YES: readonly string[] = ['y', 'yes', 't', 'true', 'on', '1'];
const NO: readonly string[] = ['n', 'no', 'f', 'false', 'off', '0'];

/** Yes or no; on the command line the flag alone means yes. */
export function flag() {
  return field('true or false (y, yes, t, on, 1; n, no, f, off, 0)', (given) => {
    const word = typeof given === 'string' ? given.trim().toLowerCase() : JSON.stringify(given);
    if (YES.includes(word)) return true;
    return NO.includes(word) ? false : undefined;
  }).meta({ isFlag: true });
}

/** Makes a kind of option from `parse`, which gives undefined for what it does not take. */
export function field<Value>(accepts: string, parse: (given: unknown) => Value | undefined) {
  return z
    .unknown()
    .transform((given, context): Value => {
      const value = parse(given);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: expectation(accepts, given) });
      return z.NEVER;
    })
    .meta({ accepts });
}

/** What an option takes, in words. */
export function acceptedBy(option: z.core.$ZodType): string {
  const accepts = metadataOf(option)['accepts'];
  return typeof accepts === 'string' ? accepts : 'text';
}

/** Whether an option is a flag, so that its value may be left out on the command line. */
export function isFlag(option: z.core.$ZodType): boolean {
  return metadataOf(option)['isFlag'] === true;
}

/** The options of a group by name. */
export function optionsOf({ shape }: z.ZodObject): [string, z.core.$ZodType][] {
  return Object.entries<z.core.$ZodType>(shape);
}

/** What was expected, and what came instead. */
export function expectation(accepts: string, given: unknown): string {
  return `expects ${accepts}, received ${shown(given)}`;
}

function metadataOf(option: z.core.$ZodType): z.GlobalMeta {
  const inner = option instanceof z.ZodDefault || option instanceof z.ZodOptional ? option.unwrap() : option;
  return z.globalRegistry.get(inner) ?? {};
}

function shown(given: unknown): string {
  const text = typeof given === 'string' ? `"${given}"` : JSON.stringify(given);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
