import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Head, parseHead } from './head.js';
import { parseTopics, TOPICS } from './labels.js';
import { BUILT_IN_TOKENIZER, type TextClassificationOptions } from './options.js';
import { createTokenizer, type TextTokenizer } from './tokenizer.js';

/** What the options' files hold. */
export interface TextFiles {
  readonly tokenizer: TextTokenizer;
  readonly labels: readonly string[];
  readonly head: Head | undefined;
}

/** Google's vocabulary of BERT uncased, which MiniLM and DistilBERT have, too. */
const BUILT_IN_VOCABULARY = new URL('../../../vocabularies/bert-uncased.txt', import.meta.url);

/**
 * Reads the files that the options name, once, at start.
 * @throws Error naming the option, when a file cannot be read or is none of its kind
 */
export function loadFiles(options: TextClassificationOptions): TextFiles {
  const {
    text_classification_tokenizer: tokenizer,
    text_classification_labels: labels,
    text_classification_head: head,
  } = options;
  const vocabulary = tokenizer === BUILT_IN_TOKENIZER ? fileURLToPath(BUILT_IN_VOCABULARY) : tokenizer;
  const given = labels === undefined ? undefined : readOption('labels', labels, parseTopics);
  const loadedHead = head === undefined ? undefined : readOption('head', head, (content) => parseHead(content, given));
  return {
    tokenizer: readOption('tokenizer', vocabulary, createTokenizer),
    labels: loadedHead?.labels ?? given ?? TOPICS,
    head: loadedHead,
  };
}

function readOption<T>(option: string, file: string, parse: (content: string) => T): T {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`--text_classification_${option} ${file}: ${reason}`, { cause });
  }
}
