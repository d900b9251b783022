import { columnsOf } from '../../columns.js';
import { printable } from '../../printable.js';
import { oneLine, resultTable } from '../../table.js';
import type { ServiceResult } from '../service.js';
import type { TextPrediction, TextExplanation } from './answer.js';

/** So many words of an explanation are shown, those that count most. */
const WORDS_SHOWN = 12;
const MAX_WORD_COLUMNS = 24;
/** How long the bar of the strongest word is. */
const BAR_COLUMNS = 20;

/** The results as a table, a label per text; below it, where they are explained, the words that count most. */
export function print(results: readonly ServiceResult<TextPrediction, TextExplanation>[]): string {
  const table = resultTable(results, {
    head: ['text', 'label', 'score', 'next'],
    rows: ({ prediction: { label, score, scores } }) => [[label, score.toFixed(3), nextBest(label, scores)]],
  });
  const reasons = results.flatMap(({ answer, input }) =>
    answer?.explanation === undefined ? [] : [`${printable(input.name)}: ${printReasons(answer.explanation)}`],
  );
  return [table, ...reasons].join('\n\n');
}

/** The label that came second, with its score. */
function nextBest(label: string, scores: Readonly<Record<string, number>>): string {
  const [second] = Object.entries(scores)
    .filter(([name]) => name !== label)
    .sort(([, a], [, b]) => b - a);
  return second === undefined ? '' : `${second[0]} ${second[1].toFixed(3)}`;
}

/** The words that count most, in the order of the text, each with what it adds and a bar; `-` where it takes away. */
function printReasons({ label, score, base_score: baseScore, words, importances }: TextExplanation): string {
  const weighed = words.map((word, index) => ({ word, weight: importances[index] ?? 0 }));
  const byWeight = [...weighed].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  const strongest = Math.abs(byWeight[0]?.weight ?? 0) || 1;
  const shown = new Set(byWeight.slice(0, WORDS_SHOWN));
  const lines = weighed.filter((word) => shown.has(word)).map(({ word, weight }) => ({ word: shorten(word), weight }));
  const width = Math.max(0, ...lines.map(({ word }) => columnsOf(word)));
  const left = words.length - shown.size;
  return [
    `why ${printable(label)} ${score.toFixed(3)}, not ${baseScore.toFixed(3)} as without words`,
    ...lines.map(({ word, weight }) => {
      const bar = (weight < 0 ? '-' : '█').repeat(Math.round((Math.abs(weight) / strongest) * BAR_COLUMNS));
      const padding = ' '.repeat(width - columnsOf(word));
      return `  ${word}${padding}  ${weight < 0 ? '' : '+'}${weight.toFixed(3)}  ${bar}`.trimEnd();
    }),
    ...(left === 0 ? [] : [`  and ${left} ${left === 1 ? 'word' : 'words'} that count less`]),
  ].join('\n');
}

function shorten(word: string): string {
  const letters = Array.from(oneLine(word));
  return letters.length <= MAX_WORD_COLUMNS ? letters.join('') : `${letters.slice(0, MAX_WORD_COLUMNS - 1).join('')}…`;
}
