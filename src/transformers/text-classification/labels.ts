import * as z from 'zod';
import { excerpt } from '../../errors.js';

/** The topics that the model of `npm run models -- text_classification` tells apart, in the order of its logits. */
export const TOPICS: readonly string[] = ['World', 'Sports', 'Business', 'Sci-Tech'];

const MAX_LABELS = 10_000;

const indexToName = z.record(z.string().regex(/^\d+$/), z.string().min(1));

/**
 * Reads the names of classes: an `index_to_name.json` as TorchServe has it, `{"0": "Business", …}`, or a `labels.txt`,
 * one a line.
 * @throws Error saying what is wrong with the text
 */
export function parseLabels(content: string): readonly string[] {
  const labels = content.trimStart().startsWith('{') ? ofIndexToName(content) : ofLines(content);
  if (labels.length === 0 || labels.length > MAX_LABELS) {
    throw new Error(`expected 1 to ${MAX_LABELS} labels, found ${labels.length}`);
  }
  const twice = labels.find((label, index) => labels.indexOf(label) !== index);
  if (twice !== undefined) throw new Error(`the label ${JSON.stringify(excerpt(twice))} comes twice`);
  return labels;
}

function ofLines(content: string): readonly string[] {
  const lines = content.split(/\r?\n/).map((line) => line.trim());
  while (lines.at(-1) === '') lines.pop();
  const blank = lines.indexOf('');
  if (blank !== -1) throw new Error(`line ${blank + 1} is empty`);
  return lines;
}

function ofIndexToName(content: string): readonly string[] {
  const names = indexToName.safeParse(parseJson(content));
  if (!names.success) throw new Error('expected an object of numbers and names: {"0": "World", …}');
  const { data } = names;
  const count = Object.keys(data).length;
  return Array.from({ length: count }, (_, index) => {
    const label = data[index];
    if (label === undefined) throw new Error(`of ${count} labels, that of index ${index} is missing`);
    return label;
  });
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}
