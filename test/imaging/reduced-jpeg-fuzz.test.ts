import { createPixelKernels } from '../../src/imaging/pixel-kernels.js';
import { createReducedJpegDecoder, type Reduction } from '../../src/imaging/reduced-jpeg.js';
import { ServiceError } from '../../src/errors.js';
import { readJpegSize } from '../../src/imaging/headers/jpeg.js';
import { jpegOf, PICTURES } from '../helpers/reduced-jpeg-fixtures.js';

/** More by hand: `FUZZ_RUNS=1000000`. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 5000);
const MS_PER_RUN = 10;

/** Numbers from 0 to before `below`, the same in each run of the test: xorshift32 (Marsaglia, 2003). */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

type Random = ReturnType<typeof createRandom>;

const MUTATIONS: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  function flipBits(bytes, random) {
    const copy = Buffer.from(bytes);
    for (let i = random(4); i >= 0; i--) {
      const at = random(copy.length);
      copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
    }
    return copy;
  },
  function replaceBytes(bytes, random) {
    const copy = Buffer.from(bytes);
    for (let i = random(8); i >= 0; i--) copy[random(copy.length)] = random(2) === 0 ? 0xff : random(256);
    return copy;
  },
  function cut(bytes, random) {
    return bytes.subarray(0, random(bytes.length));
  },
  function leaveOut(bytes, random) {
    const at = random(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(40))]);
  },
  function insert(bytes, random) {
    const at = random(bytes.length);
    const inserted = Buffer.from(Array.from({ length: 1 + random(20) }, () => random(256)));
    return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]);
  },
  function repeat(bytes, random) {
    const at = random(bytes.length);
    return Buffer.concat([bytes.subarray(0, at + random(60)), bytes.subarray(at)]);
  },
];

const REDUCTIONS: readonly Reduction[] = [2, 4, 8];
/** What no kernel writes, beyond all scratch memory of a job. */
const UNTOUCHED = 0xa5;
/** Mutations of a header may ask for much memory; the rest of the bound is of no interest here. */
const WATCHED_BYTES = 4096;

describe('createReducedJpegDecoder() with damaged pictures', () => {
  it(
    `gives a picture of the promised size or refuses it, ${RUNS} times`,
    () => {
      const kernels = createPixelKernels();
      const decoder = createReducedJpegDecoder(kernels);
      const random = createRandom(20_240_611);
      const sources = PICTURES.map(jpegOf);
      const outcomes = { decoded: 0, refused: 0, unsupported: 0 };
      for (let run = 0; run < RUNS; run++) {
        let bytes = sources[random(sources.length)] ?? Buffer.alloc(0);
        for (let i = random(3); i >= 0; i--) bytes = MUTATIONS[random(MUTATIONS.length)]?.(bytes, random) ?? bytes;
        const reduction = REDUCTIONS[random(3)] ?? 2;
        // The first decoding shows how much memory the job takes; the second, that it writes nothing beyond.
        const first = outcomeOf(() => decoder.decode(bytes, reduction));
        const end = kernels.scratch(WATCHED_BYTES);
        new Uint8Array(kernels.memory.buffer, end, WATCHED_BYTES).fill(UNTOUCHED);
        const second = outcomeOf(() => decoder.decode(bytes, reduction));
        const beyond = new Uint8Array(kernels.memory.buffer, end, WATCHED_BYTES);
        if (!beyond.every((value) => value === UNTOUCHED)) throw new Error(`run ${run} writes beyond its memory`);
        if (first.kind !== second.kind) throw new Error(`run ${run} is ${first.kind} once, then ${second.kind}`);
        if (second.picture !== undefined) assertPromisedSize(bytes, reduction, second.picture);
        outcomes[second.kind]++;
      }
      expect(outcomes.decoded).toBeGreaterThan(RUNS / 20);
      expect(outcomes.refused).toBeGreaterThan(RUNS / 4);
      expect(outcomes.unsupported).toBeGreaterThan(RUNS / 500);
    },
    RUNS * MS_PER_RUN,
  );
});

type Decoded = ReturnType<ReturnType<typeof createReducedJpegDecoder>['decode']>;

function outcomeOf(act: () => Decoded): { kind: 'decoded' | 'refused' | 'unsupported'; picture?: Decoded } {
  try {
    const picture = act();
    return picture === undefined ? { kind: 'unsupported' } : { kind: 'decoded', picture };
  } catch (error) {
    if (error instanceof ServiceError && error.message === 'truncated or damaged JPEG picture')
      return { kind: 'refused' };
    throw error;
  }
}

function assertPromisedSize(bytes: Buffer, reduction: Reduction, picture: NonNullable<Decoded>): void {
  const { widthPx, heightPx } = readJpegSize(bytes);
  const expected = { widthPx: Math.ceil(widthPx / reduction), heightPx: Math.ceil(heightPx / reduction) };
  expect(picture).toMatchObject(expected);
  expect(picture.data).toHaveLength(expected.widthPx * expected.heightPx * 3);
}
