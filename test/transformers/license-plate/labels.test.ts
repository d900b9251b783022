import { readFileSync } from 'node:fs';
import { createAlphabet } from '../../../src/transformers/license-plate/alphabet.js';
import { PLATE_REGIONS, PLATE_SHAPES, PLATE_SYMBOLS } from '../../../src/transformers/license-plate/labels.js';

function linesOf(name: string): string[] {
  const url = new URL(`../../../triton-models/plate_reader/${name}`, import.meta.url);
  return readFileSync(url, 'utf8').trimEnd().split('\n');
}

describe('the labels of plates', () => {
  it('are the tokens of the model that comes with the service, in its order', () => {
    const tokens = createAlphabet(PLATE_SYMBOLS, PLATE_REGIONS).map(({ text }) => text);
    expect(linesOf('labels.txt')).toEqual(['(blank)', ...tokens.slice(1)]);
    expect(linesOf('shapes.txt')).toEqual(PLATE_SHAPES);
  });

  it('are all different', () => {
    const labels = [...PLATE_SYMBOLS, ...PLATE_REGIONS];
    expect(new Set(labels).size).toBe(labels.length);
  });

  it('know of each token what it is', () => {
    const kinds = createAlphabet(['A', 'B'], ['X']).map(({ kind, text }) => `${kind} ${text}`);
    expect(kinds).toEqual([
      'blank ',
      ...[...Array(10).keys()].map((n) => `digit ${n}`),
      'symbol A',
      'symbol B',
      'region X',
    ]);
  });
});
