import { readFileSync } from 'node:fs';
import { excerpt, ServiceError } from '../../errors.js';

/**
 * The classes of the model that comes with the project, in its order: a head in a helmet, and a head in none. The names
 * are those of the Safety Helmet Wearing Dataset (https://github.com/njvisionpower/Safety-Helmet-Wearing-Dataset), which
 * published helmet detectors are mostly trained on and answer with.
 */
export const HELMET_LABELS: readonly string[] = ['hat', 'person'];

/**
 * Reads the names of a model's classes, in the model's order: a text with one a line, as Triton's `labels.txt`, or JSON:
 * `{"0": "hat", "1": "person"}`, as TorchServe's `index_to_name.json`, or a list.
 * @throws ServiceError `invalid_argument` when the file cannot be read or holds no such names
 */
export function readLabels(file: string): readonly string[] {
  const text = readText(file).replace(/^\uFEFF/, '');
  const labels = /^\s*[{[]/.test(text) ? labelsOfJson(file, text) : labelsOfLines(text);
  if (labels.length === 0) throw unusable(file, 'it is empty');
  const empty = labels.findIndex((label) => label.trim() === '');
  if (empty !== -1) throw unusable(file, `class ${empty} has no name`);
  return labels;
}

/** An empty line between others is a class without a name, which is refused; those at the end are nothing. */
function labelsOfLines(text: string): readonly string[] {
  const lines = text.trimEnd().split(/\r?\n/);
  return lines.length === 1 && lines[0] === '' ? [] : lines.map((line) => line.trim());
}

function labelsOfJson(file: string, text: string): readonly string[] {
  const parsed = parseJson(file, text);
  const names = Array.isArray(parsed) ? parsed : inOrder(file, parsed as Record<string, unknown>);
  return names.map((name, index) => {
    // TorchServe also takes lists, whose last entry is the name: {"0": ["n01440764", "tench"]}.
    const last: unknown = Array.isArray(name) ? name.at(-1) : name;
    if (typeof last !== 'string')
      throw unusable(file, `class ${index} is ${excerpt(JSON.stringify(name))}, not a name`);
    return last;
  });
}

/** The names by index; every index from 0 on must be there. */
function inOrder(file: string, names: Record<string, unknown>): readonly unknown[] {
  const count = Object.keys(names).length;
  return Array.from({ length: count }, (_, index) => {
    if (!Object.hasOwn(names, index)) throw unusable(file, `it has ${count} names, and none for class ${index}`);
    return names[index];
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw unusable(file, 'it cannot be read', cause);
  }
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unusable(file, 'it begins as JSON and is none', cause);
  }
}

function unusable(file: string, problem: string, cause?: unknown): ServiceError {
  const message = `--helmet_detection_labels ${excerpt(file)}: ${problem}; expected one name a line, or JSON such as {"0": "hat", "1": "person"}`;
  return new ServiceError('invalid_argument', message, { cause });
}
