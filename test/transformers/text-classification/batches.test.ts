import fc from 'fast-check';
import { batchByLength } from '../../../src/transformers/text-classification/batches.js';

const LIMITS = { rows: 8, tokens: 1000 };

describe('batchByLength()', () => {
  it('puts texts of like length together', () => {
    expect(batchByLength([100, 5, 98, 6, 5], LIMITS)).toEqual({
      order: [1, 4, 3, 2, 0],
      ranges: [
        [0, 3],
        [3, 5],
      ],
    });
  });

  it('makes batches of no more rows and tokens than allowed', () => {
    expect(batchByLength(new Array<number>(10).fill(4), LIMITS).ranges).toEqual([
      [0, 8],
      [8, 10],
    ]);
    expect(batchByLength([400, 400, 400], LIMITS).ranges).toEqual([
      [0, 2],
      [2, 3],
    ]);
    expect(batchByLength([2000, 2000], LIMITS).ranges).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(batchByLength([], LIMITS)).toEqual({ order: [], ranges: [] });
  });

  it('leaves out no row, and fills no more than a fifth of a batch with padding', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 2, max: 512 }), { maxLength: 100 }), (lengths) => {
        const { order, ranges } = batchByLength(lengths, LIMITS);
        expect([...order].sort((a, b) => a - b)).toEqual(lengths.map((_, row) => row));
        expect(ranges.flatMap(([from, to]) => order.slice(from, to))).toEqual(order);
        for (const [from, to] of ranges) {
          const ofBatch = order.slice(from, to).map((row) => lengths[row] ?? 0);
          const padded = ofBatch.length * Math.max(...ofBatch);
          expect(ofBatch.length).toBeLessThanOrEqual(LIMITS.rows);
          expect(padded - ofBatch.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(0.2 * padded);
          if (ofBatch.length > 1) expect(padded).toBeLessThanOrEqual(LIMITS.tokens);
        }
      }),
    );
  });
});
