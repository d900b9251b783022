import { field } from './fields.js';

/*
 * Kinds of option that are lists: words separated by commas in a flag or a variable, or a list in the file.
 */

/** The word for a list of nothing, since an empty variable counts as unset. */
const NOTHING = 'none';

/** Entries are separated by commas; one between slashes may hold some. */
const ENTRIES = /\s*(\/.+?\/(?=\s*(?:,|$))|[^,]+)\s*(?:,|$)/g;

/** `/^x-b3-/`: a regular expression between slashes. */
const EXPRESSION = /^\/(?<source>.+)\/$/;

/** A header's name (RFC 9110, 5.6.2), and what begins with it when a star follows. */
const NAME_OR_PREFIX = /^(?:[\w!#$%&'+.^`|~-]+|(?=\*$))\*?$/;

/** Headers by name, by prefix (`x-my-*`) or by regular expression (`/^x-b3-/`); names and prefixes in lower case. */
export function headerNames() {
  return field(
    'names, prefixes such as x-my-*, expressions such as /^x-b3-/, separated by commas; or none',
    (given) => {
      const entries = entriesOf(given);
      if (entries?.length === 1 && entries[0] === NOTHING) return [];
      return entries?.every(isHeaderEntry) === true
        ? entries.map((entry) => (EXPRESSION.test(entry) ? entry : entry.toLowerCase()))
        : undefined;
    },
  );
}

/** A host's name or address, or `*.` and the name that others end with. */
const HOST = /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$|^[0-9a-f:.]+$/;

/** Hosts by name, by address, or all below a name (`*.example.com`); in lower case. */
export function hostNames() {
  return field('hosts such as img.example.com or *.example.org, separated by commas; or none', (given) => {
    const entries = entriesOf(given)?.map((entry) => entry.toLowerCase());
    if (entries?.length === 1 && entries[0] === NOTHING) return [];
    return entries?.every((entry) => HOST.test(entry)) === true ? entries : undefined;
  });
}

/** Whether an entry of headerNames() that is no plain name means a header, whose name is in lower case. */
export function isPatternFor(entry: string, name: string): boolean {
  const source = EXPRESSION.exec(entry)?.groups?.['source'];
  if (source !== undefined) return new RegExp(source, 'i').test(name);
  return entry.endsWith('*') && name.startsWith(entry.slice(0, -1));
}

/** Which of the predictor's models have to be ready: those of the chain, none, or certain ones. */
export type ReadyModels = 'chain' | 'none' | readonly string[];

/** The predictor's models that readiness depends on. */
export function readyModels() {
  return field(
    "chain, none, or models' names on the predictor, separated by commas",
    (given): ReadyModels | undefined => {
      if (given === 'chain' || given === NOTHING) return given;
      const names = entriesOf(given);
      return names?.every((name) => /^\S+$/.test(name)) === true && names.length > 0 ? names : undefined;
    },
  );
}

/** Words without spaces, none of them twice: `A,B,C`. */
export function distinctWords() {
  return field('words separated by commas, none twice; or none', (given) => {
    const words = entriesOf(given);
    if (words?.length === 1 && words[0] === NOTHING) return [];
    const areWords = words?.every((word) => /^\S+$/.test(word)) === true && new Set(words).size === words.length;
    return areWords ? words : undefined;
  });
}

function entriesOf(given: unknown): string[] | undefined {
  if (Array.isArray(given)) return given.every((entry) => typeof entry === 'string') ? given.map(trimmed) : undefined;
  if (typeof given !== 'string' || given.trim() === '') return undefined;
  return [...given.matchAll(ENTRIES)].map(([, entry = '']) => trimmed(entry));
}

function trimmed(entry: string): string {
  return entry.trim();
}

function isHeaderEntry(entry: string): boolean {
  const source = EXPRESSION.exec(entry)?.groups?.['source'];
  return source === undefined ? NAME_OR_PREFIX.test(entry) : isExpression(source);
}

function isExpression(source: string): boolean {
  try {
    new RegExp(source, 'i');
    return true;
  } catch {
    // A SyntaxError is the answer.
    return false;
  }
}
