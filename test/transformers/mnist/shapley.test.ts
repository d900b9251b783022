import fc from 'fast-check';
import { buildRows, MIN_ROWS, type Plan, planRows, sharesOf } from '../../../src/transformers/mnist/shapley.js';

const SIDE = 28;
const BLACK = -1;

/** A digit with ink of a brightness in some pixels. */
function digitWith(ink: Readonly<Record<number, number>>): Float32Array {
  const digit = new Float32Array(SIDE * SIDE);
  for (const [pixel, value] of Object.entries(ink)) digit[Number(pixel)] = value;
  return digit;
}

/** The upper left pixel of a block. */
function blockAt(column: number, row: number): number {
  return row * 2 * SIDE + column * 2;
}

/** The shares of a score that is a function of the pixels that are there. */
function explainBy(digit: Float32Array, score: (row: Float32Array) => number, settings = { maxRows: 2048, seed: 1 }) {
  const plan = planRows(digit, settings);
  const rows = buildRows(plan, { input: digit, black: 0 }, [0, plan.rows]);
  const size = SIDE * SIDE;
  const scores = Float64Array.from({ length: plan.rows }, (_, row) =>
    score(rows.subarray(row * size, (row + 1) * size)),
  );
  return sharesOf(plan, digit, scores);
}

const noise = Float32Array.from({ length: SIDE * SIDE }, (_, i) => ((i * 7919) % 256) / 255);

describe('planRows()', () => {
  it('asks nothing about a digit without ink, and two questions about one of one block', () => {
    expect(planRows(digitWith({}), { maxRows: MIN_ROWS, seed: 0 })).toEqual({ blocks: [], orders: [], rows: 0 });
    expect(planRows(digitWith({ 5: 0.09 }), { maxRows: MIN_ROWS, seed: 0 }).rows).toBe(0);
    expect(planRows(digitWith({ 5: 0.11 }), { maxRows: MIN_ROWS, seed: 0 }).rows).toBe(2);
  });

  it('plans one order and the same backwards for the most blocks that there may be in the fewest rows', () => {
    const plan = planRows(new Float32Array(SIDE * SIDE).fill(1), { maxRows: MIN_ROWS, seed: 0 });
    expect(plan.blocks).toHaveLength(196);
    expect(plan.orders).toHaveLength(2);
    expect(plan.rows).toBe(MIN_ROWS);
    expect([...(plan.orders[1] ?? [])]).toEqual([...(plan.orders[0] ?? [])].reverse());
  });

  it('never plans more rows than it may, and goes as near as pairs of orders can', () => {
    const inks = fc.uniqueArray(fc.integer({ min: 0, max: SIDE * SIDE - 1 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(inks, fc.integer({ min: MIN_ROWS, max: 5000 }), (ink, maxRows) => {
        const { blocks, orders, rows } = planRows(digitWith(Object.fromEntries(ink.map((pixel) => [pixel, 1]))), {
          maxRows,
          seed: 3,
        });
        expect(rows).toBe(2 + orders.length * (blocks.length - 1));
        expect(rows).toBeLessThanOrEqual(maxRows);
        if (blocks.length > 1) expect(rows).toBeGreaterThan(maxRows - 2 * (blocks.length - 1));
        for (const order of orders) {
          expect([...order].sort((a, b) => a - b)).toEqual(blocks.map((_, block) => block));
        }
      }),
    );
  });

  it('is told by its seed', () => {
    const ordersOf = (seed: number) => planRows(noise, { maxRows: 1024, seed }).orders.map((order) => [...order]);
    expect(ordersOf(1)).toEqual(ordersOf(1));
    for (const [a, b] of [
      [0, 1],
      [1, 2],
      [0, 4_294_967_295],
    ] as const) {
      expect(ordersOf(a)).not.toEqual(ordersOf(b));
    }
  });

  it('puts each block at each place about as often as at any other', () => {
    const digit = digitWith(Object.fromEntries([0, 1, 2, 3].map((column) => [blockAt(column, 0), 1])));
    const { orders } = planRows(digit, { maxRows: 60_002, seed: 9 });
    const firsts = [0, 0, 0, 0];
    for (const [first = 0] of orders) firsts[first] = (firsts[first] ?? 0) + 1;
    expect(orders).toHaveLength(20_000);
    for (const count of firsts) expect(Math.abs(count - 5000)).toBeLessThan(200);
  });
});

describe('buildRows()', () => {
  const digit = digitWith({ [blockAt(3, 4)]: 0.9, [blockAt(3, 4) + 1]: 0.05, [blockAt(5, 6)]: 0.8, 700: 0.07 });
  const input = digit.map((value) => value * 10);
  const plan: Plan = planRows(digit, { maxRows: MIN_ROWS, seed: 0 });

  it('gives the whole digit first, then the one without its ink: what is no ink stays', () => {
    const rows = buildRows(plan, { input, black: BLACK }, [0, 2]);
    expect(rows.subarray(0, 784)).toEqual(input);
    const empty = rows.subarray(784);
    expect(empty[blockAt(3, 4)]).toBe(BLACK);
    expect(empty[blockAt(3, 4) + 1 + SIDE]).toBe(BLACK);
    expect(empty[blockAt(5, 6)]).toBe(BLACK);
    expect(empty[700]).toBe(input[700]);
    expect(empty[0]).toBe(0);
  });

  it('gives the same rows in parts as at once', () => {
    const plan = planRows(noise, { maxRows: 1024, seed: 5 });
    const all = buildRows(plan, { input: noise, black: BLACK }, [0, plan.rows]);
    let from = 0;
    for (const size of [1, 2, 63, 64, 250, plan.rows - 380]) {
      expect(buildRows(plan, { input: noise, black: BLACK }, [from, from + size])).toEqual(
        all.subarray(from * 784, (from + size) * 784),
      );
      from += size;
    }
    expect(from).toBe(plan.rows);
  });

  it('puts one block more into each row of an order', () => {
    const plan = planRows(noise, { maxRows: 1024, seed: 5 });
    const count = plan.blocks.length;
    const rows = buildRows(plan, { input: noise, black: BLACK }, [2, 2 + count - 1]);
    for (let row = 0; row < count - 1; row++) {
      const there = plan.blocks.filter((block) => rows[row * 784 + (block[0] ?? 0)] !== BLACK).length;
      expect(there).toBe(row + 1);
    }
  });
});

describe('sharesOf()', () => {
  it('gives each pixel of a sum what it adds, however few the rows', () => {
    const weights = Float64Array.from({ length: SIDE * SIDE }, (_, i) => Math.sin(Math.floor((i % SIDE) / 2) + i / 56));
    const blockWeight = (pixel: number) =>
      weights[Math.floor(pixel / 56) * 56 + Math.floor((pixel % SIDE) / 2) * 2] ?? 0;
    const score = (row: Float32Array) => row.reduce((sum, value, pixel) => sum + value * blockWeight(pixel), 0.5);
    const shares = explainBy(noise, score, { maxRows: MIN_ROWS, seed: 4 });
    for (const [pixel, share] of shares.entries())
      expect(share).toBeCloseTo((noise[pixel] ?? 0) * blockWeight(pixel), 5);
  });

  it('divides what only all of them do together evenly', () => {
    const pixels = [blockAt(1, 1), blockAt(7, 3), blockAt(12, 13)];
    const digit = digitWith(Object.fromEntries(pixels.map((pixel) => [pixel, 1])));
    const shares = explainBy(digit, (row) => (pixels.every((pixel) => row[pixel] === 1) ? 0.9 : 0), {
      maxRows: 6000,
      seed: 2,
    });
    for (const pixel of pixels) expect(Math.abs((shares[pixel] ?? 0) - 0.3)).toBeLessThan(0.02);
  });

  it('comes near the exact values of a game of 8 blocks', () => {
    const pixels = [0, 1, 2, 3, 4, 5, 6, 7].map((index) => blockAt(2 + (index % 4), 5 + Math.floor(index / 4)));
    const digit = digitWith(Object.fromEntries(pixels.map((pixel) => [pixel, 1])));
    const scoreOf = (there: readonly boolean[]) =>
      1 /
      (1 +
        Math.exp(-there.reduce((sum, is, index) => sum + (is ? (index - 2.5) * (there[0] === true ? 1 : 0.3) : 0), 0)));
    const shares = explainBy(digit, (row) => scoreOf(pixels.map((pixel) => row[pixel] === 1)), {
      maxRows: 4096,
      seed: 6,
    });
    pixels.forEach((pixel, player) => {
      expect(Math.abs((shares[pixel] ?? 0) - exactShapley(scoreOf, player))).toBeLessThan(0.02);
    });
  });

  it('adds up to what the whole has more than the empty digit, exactly', () => {
    const score = (row: Float32Array) => Math.tanh(row.reduce((sum, value, i) => sum + value * Math.cos(i), 0));
    const shares = explainBy(noise, score, { maxRows: MIN_ROWS, seed: 8 });
    const plan = planRows(noise, { maxRows: MIN_ROWS, seed: 8 });
    const [whole, empty] = [0, 1].map((row) => score(buildRows(plan, { input: noise, black: 0 }, [row, row + 1]))) as [
      number,
      number,
    ];
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(whole - empty, 9);
  });

  it('divides a block’s share as its pixels are bright', () => {
    const pixel = blockAt(4, 4);
    const shares = explainBy(digitWith({ [pixel]: 0.6, [pixel + 1]: 0.2 }), (row) => (row[pixel] === 0 ? 0 : 1));
    expect(shares[pixel]).toBeCloseTo(0.75, 6);
    expect(shares[pixel + 1]).toBeCloseTo(0.25, 6);
    expect(shares[pixel + SIDE]).toBe(0);
  });
});

/** By its definition: over all sets of the other players. */
function exactShapley(score: (there: readonly boolean[]) => number, player: number): number {
  const count = 8;
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  let value = 0;
  for (let set = 0; set < 2 ** count; set++) {
    if ((set >> player) & 1) continue;
    const there = Array.from({ length: count }, (_, other) => ((set >> other) & 1) === 1);
    const size = there.filter(Boolean).length;
    const weight = (factorial(size) * factorial(count - size - 1)) / factorial(count);
    value += weight * (score(there.with(player, true)) - score(there));
  }
  return value;
}
