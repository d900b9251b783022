import { SIDE } from './size.js';

/*
 * Shapley values of a picture's blocks, by sampling orders in which the blocks are put into the empty picture: what a
 * block adds to the score, on average over orders, is its share (Castro, Gómez and Tejada: Polynomial calculation of the
 * Shapley value based on sampling, Computers & Operations Research 36, 2009). Each order is used backwards, too, which
 * takes off most of the noise (Mitchell, Cooper, Frank and Holmes: Sampling permutations for Shapley value estimation,
 * JMLR 23, 2022, "antithetic sampling"). All shares together are what the whole picture has more than the empty one,
 * exactly, however few orders there are.
 */

/** Width and height of a block. */
const BLOCK = 2;

/** Less than this is no ink: what noise and compression leave on a black ground. */
const INK = 0.1;

const MOST_BLOCKS = (SIDE / BLOCK) ** 2;

/** The row of the whole picture; the next one is without any block, and the orders' rows follow. */
const WHOLE = 0;
const FIRST_OF_ORDERS = 2;

/** So many rows are enough for one order, and the same backwards, of all the blocks that there may be. */
export const MIN_ROWS = FIRST_OF_ORDERS + 2 * (MOST_BLOCKS - 1);

/** The pixels of one block, by their places in a digit. */
type Block = readonly number[];

/** Which variants of a digit are to be scored. */
export interface Plan {
  readonly blocks: readonly Block[];
  /** Blocks by their index, in the order in which they are put in. */
  readonly orders: readonly Uint8Array[];
  /** How many variants there are; none where the digit has no ink. */
  readonly rows: number;
}

/**
 * Plans as many orders as fit into a number of rows.
 * @param digit `[28, 28]`, 0 (black) to 1 (white)
 * @param maxRows MIN_ROWS or more
 */
export function planRows(digit: Float32Array, { maxRows, seed }: { maxRows: number; seed: number }): Plan {
  const blocks = inkBlocks(digit);
  if (blocks.length === 0) return { blocks, orders: [], rows: 0 };
  const rowsPerOrder = blocks.length - 1;
  // Where there is one block alone, every order is the same.
  const pairs = rowsPerOrder === 0 ? 1 : Math.floor((maxRows - FIRST_OF_ORDERS) / (2 * rowsPerOrder));
  const random = randomBelow(seed);
  const orders = Array.from({ length: pairs }, () => shuffled(blocks.length, random)).flatMap((order) => [
    order,
    order.slice().reverse(),
  ]);
  return { blocks, orders, rows: FIRST_OF_ORDERS + orders.length * rowsPerOrder };
}

/**
 * Makes some of a plan's variants of a digit, `[to - from, 28, 28]`.
 * @param input what the model sees of the digit, pixel by pixel
 * @param black what the model sees of a pixel that is taken away
 */
export function buildRows(
  plan: Plan,
  { input, black }: { readonly input: Float32Array; readonly black: number },
  [from, to]: readonly [number, number],
): Float32Array {
  const { blocks, orders } = plan;
  const size = input.length;
  const empty = input.slice();
  for (const block of blocks) for (const pixel of block) empty[pixel] = black;
  const rows = new Float32Array((to - from) * size);
  for (let row = from; row < to; row++) {
    const at = (row - from) * size;
    rows.set(row === WHOLE ? input : empty, at);
    if (row < FIRST_OF_ORDERS) continue;
    const [order, count] = placeOf(plan, row);
    for (const block of (orders[order] ?? []).slice(0, count)) {
      for (const pixel of blocks[block] ?? []) rows[at + pixel] = input[pixel] ?? black;
    }
  }
  return rows;
}

/**
 * Each pixel's share of the score, `[28, 28]`: its block's, spread over the block's pixels as they are bright.
 * @param scores of a plan's variants, in their order
 */
export function sharesOf({ blocks, orders }: Plan, digit: Float32Array, scores: Float64Array): Float64Array {
  const ofBlocks = new Float64Array(blocks.length);
  const [whole = 0, none = 0] = scores;
  let next = FIRST_OF_ORDERS;
  for (const order of orders) {
    let before = none;
    for (const [at, block] of order.entries()) {
      const after = at === order.length - 1 ? whole : (scores[next++] ?? 0);
      ofBlocks[block] = (ofBlocks[block] ?? 0) + (after - before) / orders.length;
      before = after;
    }
  }
  const shares = new Float64Array(digit.length);
  for (const [index, block] of blocks.entries()) {
    const light = block.reduce((sum, pixel) => sum + (digit[pixel] ?? 0), 0);
    for (const pixel of block) shares[pixel] = ((ofBlocks[index] ?? 0) * (digit[pixel] ?? 0)) / light;
  }
  return shares;
}

/** Which order a row belongs to, and how many of its blocks the row has. */
function placeOf({ blocks }: Plan, row: number): [order: number, count: number] {
  const rowsPerOrder = blocks.length - 1;
  const place = row - FIRST_OF_ORDERS;
  return [Math.floor(place / rowsPerOrder), 1 + (place % rowsPerOrder)];
}

/** The blocks in which there is ink. */
function inkBlocks(digit: Float32Array): Block[] {
  return Array.from({ length: MOST_BLOCKS }, (_, index) => {
    const perRow = SIDE / BLOCK;
    const first = Math.floor(index / perRow) * BLOCK * SIDE + (index % perRow) * BLOCK;
    return [first, first + 1, first + SIDE, first + SIDE + 1];
  }).filter((block) => block.some((pixel) => (digit[pixel] ?? 0) > INK));
}

/** The numbers from 0 on in an order by chance (Fisher and Yates). */
function shuffled(count: number, random: (below: number) => number): Uint8Array {
  const order = Uint8Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = random(last + 1);
    const kept = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}

/** Whole numbers from 0 to below a limit, which a seed tells: xorshift32 (Marsaglia, J. Stat. Software 8, 14, 2003). */
function randomBelow(seed: number): (below: number) => number {
  // Of neighbouring seeds the first numbers would be alike; and the generator never leaves 0.
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * below);
  };
}
