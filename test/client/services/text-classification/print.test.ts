import { ClientError, textExplanationSchema } from '../../../../client/src/index.js';
import { print } from '../../../../client/src/services/text-classification/print.js';
import { answered, failed } from '../results.js';

const SPORTS = { label: 'Sports', score: 0.91, scores: { World: 0.05, Sports: 0.91, Business: 0.04 } };

/** An explanation, and words with what each adds. */
const because = (...words: [string, number][]) => ({
  label: 'Sports',
  score: 0.91,
  base_score: 0.25,
  words: words.map(([word]) => word),
  importances: words.map(([, importance]) => importance),
});

describe('text_classification: print()', () => {
  it('has a row per text with its label, and the one that came second', () => {
    const error = new ClientError('expected a text', { code: 'invalid_argument' });
    expect(print([answered('a.txt', SPORTS), failed('"b"', error)])).toBe(
      [
        ' text    label    score   next',
        ' a.txt   Sports   0.910   World 0.050',
        ' "b"                      error: expected a text (invalid_argument)',
      ].join('\n'),
    );
  });

  it('prints words with their weights and bars, in the order of the text', () => {
    const words = because(['The', 0], ['striker', 0.4], ['banked', -0.2]);
    expect(print([answered('a.txt', SPORTS, words)]).split('\n\n')[1]).toBe(
      [
        'a.txt: why Sports 0.910, not 0.250 as without words',
        '  The      +0.000',
        '  striker  +0.400  ████████████████████',
        '  banked   -0.200  ----------',
      ].join('\n'),
    );
  });

  it('shows the words that count most of a long text, and says how many are left', () => {
    const words = because(...Array.from({ length: 15 }, (_, index): [string, number] => [`w${index}`, index / 10]));
    const [, reasons = ''] = print([answered('a.txt', SPORTS, words)]).split('\n\n');
    expect(reasons).not.toContain('w2 ');
    expect(reasons).toMatch(/w3 .*\n(.*\n)+ {2}and 3 words that count less$/);
  });

  it('keeps lines short and free of control characters', () => {
    const words = because([`\u001b[2J${'long'.repeat(100)}`, 1]);
    const text = print([answered('a.txt', SPORTS, words)]);
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(80);
  });

  it('draws no bar where nothing counts', () => {
    expect(print([answered('a.txt', SPORTS, because(['a', 0]))])).toMatch(/^ {2}a {2}\+0\.000$/m);
    expect(print([answered('a.txt', SPORTS, because())])).toMatch(/as without words$/);
  });
});

describe('text_classification: textExplanationSchema', () => {
  it('wants one importance per word', () => {
    expect(textExplanationSchema.safeParse(because(['a', 1])).success).toBe(true);
    expect(textExplanationSchema.safeParse({ ...because(['a', 1]), words: [] }).success).toBe(false);
  });
});
