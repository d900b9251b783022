import { excerpt, ServiceError } from '../../errors.js';
import { decimals } from '../decimals.js';
import { softmax } from '../softmax.js';
import { DECIMALS, postprocess, type TextResult } from './postprocess.js';
import type { Prepared, EncodedText } from './preprocess.js';
import { predict, type TextModel, type TextRunner, type TokenRow } from './predict.js';
import { createRandom } from './random.js';
import { planCoalitions, shapleyValues } from './kernel-shap.js';
import type { TextTokenizer, Word } from './tokenizer.js';

/** What speaks for a text's class, and what against it. */
export interface TextExplanation {
  /** The class that is explained: the one predicted, unless the client named another. */
  readonly label: string;
  /** Of the label, for the text as it is. */
  readonly score: number;
  /** Of the label, when the model sees no word at all. */
  readonly base_score: number;
  /** In the text's order, as far as the model sees it. */
  readonly words: readonly string[];
  /** Where each word begins and ends in the text, in characters (code points, as Python counts); the end is behind it. */
  readonly offsets: readonly (readonly [number, number])[];
  /** What each word adds to the score, or takes from it: together `score - base_score`. */
  readonly importances: readonly number[];
  /** What the importances together lack of that. */
  readonly delta: number;
}

/** How explanations are made. */
export interface ExplainOptions {
  readonly tokenizer: TextTokenizer;
  readonly maxTokens: number;
  /** How often the model is asked about one text. */
  readonly evaluations: number;
}

/** Words, or runs of neighbouring ones, that are hidden and shown together, are told apart by so many questions each. */
const EVALUATIONS_PER_GROUP = 4;

/** Any number does: it makes that a text is explained the same way each time. */
const SEED = 20_171_204;

/**
 * Says of each text how much each word speaks for its class: the words' Shapley values, which KernelSHAP finds by asking
 * the model about the text with some of its words hidden. A hidden word's tokens are masked as padding is: the model does
 * not attend to them, and the others keep their places. Texts are explained one after the other.
 * @throws ServiceError `invalid_argument` for a target that is no class; as predict
 */
export async function explain(
  { texts }: Prepared,
  { runner, model, options }: { runner: TextRunner; model: TextModel; options: ExplainOptions },
): Promise<TextExplanation[]> {
  const targets = texts.map((text) => targetOf(text, model.labels));
  const results = postprocess(await predict(runner, model, texts), model.labels);
  const explanations: TextExplanation[] = [];
  for (const [index, text] of texts.entries()) {
    const result = results[index];
    if (result === undefined) continue;
    const target = targets[index] ?? model.labels.indexOf(result.label);
    explanations.push(await explainText(text, { runner, model, options, result, target }));
  }
  return explanations;
}

async function explainText(
  { text, ids }: EncodedText,
  how: { runner: TextRunner; model: TextModel; options: ExplainOptions; result: TextResult; target: number },
): Promise<TextExplanation> {
  const { runner, model, options, result, target } = how;
  const words = options.tokenizer.words(text, options.maxTokens);
  const groups = groupWords(words, Math.floor(options.evaluations / EVALUATIONS_PER_GROUP));
  const plan = planCoalitions(groups.length, options.evaluations, createRandom(SEED));
  const nobody = new Uint8Array(groups.length);
  const rows = [nobody, ...plan.coalitions].map((coalition) => maskedRow(ids, groups, coalition));
  const scores = (await predict(runner, model, rows)).map((logits) => softmax(logits)[target] ?? 0);
  const [empty = 0, ...values] = scores;
  const full = result.scores[target] ?? 0;
  const ofGroups = shapleyValues(plan, values, { empty, full });
  const importances = groups.flatMap((group, index) => group.map(() => (ofGroups[index] ?? 0) / group.length));
  const lack = full - empty - importances.reduce((sum, importance) => sum + importance, 0);
  const toCodePoints = codePointCounter(text);
  return {
    label: model.labels[target] ?? '',
    score: decimals(full, DECIMALS),
    base_score: decimals(empty, DECIMALS),
    words: words.map((word) => word.text),
    offsets: words.map(({ start, end }) => [toCodePoints(start), toCodePoints(end)] as const),
    importances: importances.map((importance) => decimals(importance, DECIMALS)),
    delta: decimals(lack, DECIMALS),
  };
}

/** Neighbouring words together where there are more than `count` of them; each group of about as many. */
function groupWords(words: readonly Word[], count: number): Word[][] {
  const groups = Math.min(words.length, Math.max(1, count));
  const edge = (index: number) => Math.round((words.length * index) / groups);
  return Array.from({ length: groups }, (_, index) => words.slice(edge(index), edge(index + 1)));
}

/** The text's tokens, of which the model sees the marks at both ends and the groups that are members. */
function maskedRow(ids: readonly number[], groups: readonly Word[][], coalition: Uint8Array): TokenRow {
  const mask = new Uint8Array(ids.length).fill(1);
  let at = 1;
  for (const [index, group] of groups.entries()) {
    const tokens = group.reduce((sum, word) => sum + word.ids.length, 0);
    mask.fill(coalition[index] ?? 0, at, at + tokens);
    at += tokens;
  }
  return { ids, mask };
}

/** The number of a class, given by its label, its number or the number as text; undefined where none is given. */
function targetOf({ target, path }: EncodedText, labels: readonly string[]): number | undefined {
  if (target === undefined || target === null) return undefined;
  const isDigits = typeof target === 'string' && !labels.includes(target) && /^\d+$/.test(target);
  const named = typeof target === 'string' ? labels.indexOf(target) : target;
  const found = isDigits ? Number(target) : named;
  if (typeof found === 'number' && Number.isInteger(found) && found >= 0 && found < labels.length) return found;
  const known = excerpt(labels.join(', '));
  const message = `${path}: expected for target one of ${known}, or its number, received ${excerpt(JSON.stringify(target))}`;
  throw new ServiceError('invalid_argument', message);
}

/** Makes a function that turns positions of UTF-16 into positions of code points; to be asked in ascending order. */
function codePointCounter(text: string): (position: number) => number {
  let at = 0;
  let count = 0;
  return (position) => {
    while (at < position) {
      at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
      count++;
    }
    return count;
  };
}
