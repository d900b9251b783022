import { ClientError } from '../../../../client/src/index.js';
import { print } from '../../../../client/src/services/text-classification/print.js';
import { answered, failed } from '../results.js';

const SPORTS = { label: 'Sports', score: 0.91, scores: { World: 0.05, Sports: 0.91, Business: 0.04 } };

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
    const words = [
      { word: 'The', weight: 0 },
      { word: 'striker', weight: 0.4 },
      { word: 'banked', weight: -0.2 },
    ];
    expect(print([answered('a.txt', SPORTS, words)]).split('\n\n')[1]).toBe(
      [
        'a.txt: why Sports',
        '  The      +0.000',
        '  striker  +0.400  ████████████████████',
        '  banked   -0.200  ----------',
      ].join('\n'),
    );
  });

  it('shows the words that count most of a long text, and says how many are left', () => {
    const words = Array.from({ length: 15 }, (_, index) => ({ word: `w${index}`, weight: index / 10 }));
    const [, reasons = ''] = print([answered('a.txt', SPORTS, words)]).split('\n\n');
    expect(reasons).not.toContain('w2 ');
    expect(reasons).toMatch(/w3 .*\n(.*\n)+ {2}and 3 words that count less$/);
  });

  it('keeps lines short and free of control characters', () => {
    const words = [{ word: `\u001b[2J${'long'.repeat(100)}`, weight: 1 }];
    const text = print([answered('a.txt', SPORTS, words)]);
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(80);
  });
});
