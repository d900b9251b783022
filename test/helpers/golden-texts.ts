import { readFileSync } from 'node:fs';

/** What training/text_classification/make_golden.py has worked out. */
export interface GoldenTexts {
  readonly tokens: readonly { readonly text: string; readonly ids: readonly number[] }[];
  readonly tiny: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly scores: readonly number[];
    readonly words?: readonly string[];
    readonly importances?: readonly number[];
    readonly base_score?: number;
  }[];
  readonly minilm: readonly { readonly text: string; readonly logits: readonly number[] }[];
}

export const TOPICS = ['World', 'Sports', 'Business', 'Sci-Tech'];

export const TINY_VOCABULARY = 'test/fixtures/text/vocab.txt';

/** What starts the service on the tiny model of the tests. */
export const TINY_FLAGS = [
  '--model_name=text_classification',
  '--predictor_model_name=tiny_text',
  `--text_classification_tokenizer=${TINY_VOCABULARY}`,
];

/** By other arithmetic than the service's, and rounded there to six digits. */
export const TINY_TOLERANCE = 1e-5;

/** The golden answers. */
export function goldenTexts(): GoldenTexts {
  return JSON.parse(readFileSync('test/fixtures/text/golden.json', 'utf8')) as GoldenTexts;
}

/** The label of the highest score, the first among equals. */
export function topicOf(scores: readonly number[]): string {
  return TOPICS[scores.indexOf(Math.max(...scores))] ?? '';
}
