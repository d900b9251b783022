import { excerpt } from '../errors.js';

/**
 * Reads the names of a model's classes, in the model's order: a text with one a line, as Triton's `labels.txt`, or JSON:
 * `{"0": "hat", "1": "person"}`, as TorchServe's `index_to_name.json`, or a list. A byte order mark is passed over.
 * @throws Error saying what is wrong with the text
 */
export function parseLabels(content: string): readonly string[] {
  const text = content.replace(/^\uFEFF/, '');
  // A vocabulary's first line may be "[PAD]", which is none.
  const labels = /^\s*(\{|\[\s*["[\]])/.test(text) ? labelsOfJson(text) : labelsOfLines(text);
  if (labels.length === 0) throw new Error('it is empty');
  const empty = labels.findIndex((label) => label.trim() === '');
  if (empty !== -1) throw new Error(`class ${empty} has no name`);
  return labels;
}

/** An empty line between others is a class without a name, which is refused; those at the end are nothing. */
function labelsOfLines(text: string): readonly string[] {
  const lines = text.trimEnd().split(/\r?\n/);
  return lines.length === 1 && lines[0] === '' ? [] : lines.map((line) => line.trim());
}

function labelsOfJson(text: string): readonly string[] {
  const parsed = parseJson(text);
  const names = Array.isArray(parsed) ? parsed : inOrder(parsed as Record<string, unknown>);
  return names.map((name, index) => {
    // TorchServe also takes lists, whose last entry is the name: {"0": ["n01440764", "tench"]}.
    const last: unknown = Array.isArray(name) ? name.at(-1) : name;
    if (typeof last !== 'string') throw new Error(`class ${index} is ${excerpt(JSON.stringify(name))}, not a name`);
    return last;
  });
}

/** The names by index; every index from 0 on must be there. */
function inOrder(names: Record<string, unknown>): readonly unknown[] {
  const count = Object.keys(names).length;
  return Array.from({ length: count }, (_, index) => {
    if (!Object.hasOwn(names, index)) throw new Error(`it has ${count} names, and none for class ${index}`);
    return names[index];
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error('it begins as JSON and is none', { cause });
  }
}
