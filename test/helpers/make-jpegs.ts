import { seededRandom } from './seeded-random.js';

/** A component's blocks of an MCU, across and down. */
export type Sampling = readonly [across: number, down: number];

/** What a made JPEG is like. */
export interface JpegRecipe {
  readonly widthPx: number;
  readonly heightPx: number;
  /** One for grey or three. */
  readonly samplings: readonly Sampling[];
  /** MCUs between restart markers; none by default. */
  readonly restartInterval?: number;
  /** Three components are red, green and blue rather than luminance and differences of colour. */
  readonly isRgb?: boolean;
  readonly has16BitQuantisers?: boolean;
  /** The quantisers are so many times larger; 36 at most unless they have 16 bits. */
  readonly coarseness?: number;
  readonly seed?: number;
}

/** The coefficients that blocks may have, in zigzag order: the mean alone, some few, half of them, all. */
const LASTS = [0, 3, 9, 14, 31, 63];

/** Codes of lengths 2, 5 and 16 (the last beyond any lookup), as counts of symbols; the symbols in order. */
const CODE_LENGTHS = [
  [2, 1],
  [5, 12],
  [16, Infinity],
] as const;

const END_OF_BLOCK = 0;
const ZERO_RUN = 0xf0;

/**
 * Makes a baseline JPEG of random coefficients in any sampling, of which no encoder at hand has more than a few. All of
 * its codes are valid, and without `coarseness` its coefficients become no larger than those of real pictures.
 */
export function makeJpeg(recipe: JpegRecipe): Buffer {
  const { samplings, restartInterval = 0, isRgb = false } = recipe;
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    quantisers(recipe),
    segment(0xc0, frame(recipe)),
    codes(0x00, DC_SYMBOLS),
    codes(0x10, AC_SYMBOLS),
    restartInterval > 0 ? segment(0xdd, [restartInterval >> 8, restartInterval & 255]) : Buffer.alloc(0),
    segment(0xda, [samplings.length, ...samplings.flatMap((_, i) => [componentId(i, isRgb), 0]), 0, 63, 0]),
    scan(recipe),
    Buffer.from([0xff, 0xd9]),
  ]);
}

const DC_SYMBOLS = Array.from({ length: 12 }, (_, size) => size);
const AC_SYMBOLS = [END_OF_BLOCK, ...Array.from({ length: 160 }, (_, i) => ((i & 15) << 4) | (1 + (i >> 4))), ZERO_RUN];

function componentId(index: number, isRgb: boolean): number {
  return isRgb ? 'RGB'.charCodeAt(index) : index + 1;
}

function segment(marker: number, bytes: readonly number[]): Buffer {
  const length = bytes.length + 2;
  return Buffer.from([0xff, marker, length >> 8, length & 255, ...bytes]);
}

function quantisers({ has16BitQuantisers = false, coarseness = 1 }: JpegRecipe): Buffer {
  const values = Array.from({ length: 64 }, (_, i) => (1 + (i % 7)) * coarseness);
  return segment(
    0xdb,
    has16BitQuantisers ? [0x10, ...values.flatMap((value) => [value >> 8, value & 255])] : [0, ...values],
  );
}

function frame({ widthPx, heightPx, samplings, isRgb = false }: JpegRecipe): number[] {
  const components = samplings.flatMap(([across, down], i) => [componentId(i, isRgb), (across << 4) | down, 0]);
  return [8, heightPx >> 8, heightPx & 255, widthPx >> 8, widthPx & 255, samplings.length, ...components];
}

/** How many symbols have codes of each length. */
function lengthsOf(symbols: readonly number[]): number[] {
  return symbols.map((_, i) => CODE_LENGTHS.find(([, end]) => i < end)?.[0] ?? NaN);
}

function codes(kind: number, symbols: readonly number[]): Buffer {
  const lengths = lengthsOf(symbols);
  const counts = Array.from({ length: 16 }, (_, i) => lengths.filter((length) => length === i + 1).length);
  return segment(0xc4, [kind, ...counts, ...symbols]);
}

/** The bits of each symbol's code: counted up from zero, with a zero more for each bit more (T.81, C.2). */
function codesOf(symbols: readonly number[]): Map<number, string> {
  const lengths = lengthsOf(symbols);
  let code = 0;
  return new Map(
    symbols.map((symbol, i) => {
      const length = lengths[i] ?? NaN;
      if (i > 0) code = (code + 1) << (length - (lengths[i - 1] ?? NaN));
      return [symbol, code.toString(2).padStart(length, '0')];
    }),
  );
}

function scan({ widthPx, heightPx, samplings, restartInterval = 0, seed = 1 }: JpegRecipe): Buffer {
  const random = seededRandom(seed);
  const isGrey = samplings.length === 1;
  const blocks = isGrey ? [1] : samplings.map(([across, down]) => across * down);
  const side = (of: 0 | 1) => (isGrey ? 8 : 8 * Math.max(...samplings.map((sampling) => sampling[of])));
  const mcus = Math.ceil(widthPx / side(0)) * Math.ceil(heightPx / side(1));
  const pieces: Buffer[] = [];
  let bits = '';
  let means = samplings.map(() => 0);
  for (let mcu = 0; mcu < mcus; mcu++) {
    if (restartInterval > 0 && mcu > 0 && mcu % restartInterval === 0) {
      pieces.push(stuffed(bits), Buffer.from([0xff, 0xd0 + ((mcu / restartInterval - 1) & 7)]));
      bits = '';
      means = samplings.map(() => 0);
    }
    blocks.forEach((count, component) => {
      for (let i = 0; i < count; i++) {
        const mean = Math.round((random() - 0.5) * 1600);
        bits += block(random, mean - (means[component] ?? NaN));
        means[component] = mean;
      }
    });
  }
  return Buffer.concat([...pieces, stuffed(bits)]);
}

const DC_CODES = codesOf(DC_SYMBOLS);
const AC_CODES = codesOf(AC_SYMBOLS);

function block(random: () => number, difference: number): string {
  const last = LASTS[Math.floor(random() * LASTS.length)] ?? NaN;
  const density = random();
  let bits = `${DC_CODES.get(sizeOf(difference)) ?? ''}${valueBits(difference)}`;
  let zeros = 0;
  for (let place = 1; place <= last; place++) {
    const value = random() < density ? Math.round((random() - 0.5) * (200 / place + 4)) : 0;
    if (value === 0) {
      zeros++;
      continue;
    }
    for (; zeros > 15; zeros -= 16) bits += AC_CODES.get(ZERO_RUN) ?? '';
    bits += `${AC_CODES.get((zeros << 4) | sizeOf(value)) ?? ''}${valueBits(value)}`;
    zeros = 0;
  }
  return last < 63 || zeros > 0 ? bits + (AC_CODES.get(END_OF_BLOCK) ?? '') : bits;
}

function sizeOf(value: number): number {
  return value === 0 ? 0 : Math.abs(value).toString(2).length;
}

/** T.81, F.1.2.1: negative values are counted from the lowest on. */
function valueBits(value: number): string {
  const size = sizeOf(value);
  return size === 0 ? '' : (value < 0 ? value + 2 ** size - 1 : value).toString(2).padStart(size, '0');
}

/** Whole bytes, filled up with ones, a zero behind each 0xFF. */
function stuffed(bits: string): Buffer {
  const bytes = bits.match(/.{1,8}/g)?.map((byte) => parseInt(byte.padEnd(8, '1'), 2)) ?? [];
  return Buffer.from(bytes.flatMap((byte) => (byte === 0xff ? [byte, 0] : [byte])));
}
