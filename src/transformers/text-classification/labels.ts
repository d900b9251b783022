import { excerpt } from '../../errors.js';
import { parseLabels } from '../label-file.js';

/** The topics that the model of `npm run models -- text_classification` tells apart, in the order of its logits. */
export const TOPICS: readonly string[] = ['World', 'Sports', 'Business', 'Sci-Tech'];

/**
 * Reads the names of topics, by which answers tell them apart, so that none may come twice.
 * @throws Error saying what is wrong with the text
 */
export function parseTopics(content: string): readonly string[] {
  const topics = parseLabels(content);
  const seen = new Set<string>();
  const twice = topics.find((topic) => seen.size === seen.add(topic).size);
  if (twice !== undefined) throw new Error(`the label ${JSON.stringify(excerpt(twice))} comes twice`);
  return topics;
}
