import type { Plate } from '../../../../client/src/index.js';

/** A plate of two lines with a region, as the service answers it. */
export const TWO_LINES: Plate = {
  shape: 'two-line-region',
  box: [100.4, 50, 220, 110],
  size: [120, 60],
  region: '서울',
  symbol: '가',
  serial: '3456',
  text: '서울12가3456',
  confidence: 0.9876,
  characters: [{ char: '서울', confidence: 0.99 }],
};

/** A plate of one line, without a region. */
export const ONE_LINE: Plate = { ...TWO_LINES, shape: 'one-line', region: '', text: '123가3456' };
