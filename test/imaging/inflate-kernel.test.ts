import { constants, deflateRawSync, deflateSync, inflateSync } from 'node:zlib';
import { createPixelKernels } from '../../src/imaging/pixel-kernels.js';
import { seededRandom } from '../helpers/seeded-random.js';

const kernels = createPixelKernels();

/** What the kernel may read beyond the stream and write beyond its output (wasm/png/inflate.ts). */
const READ_BYTES = 64;
const WRITTEN_BYTES = 288;

/** What lies around the output, to see that it stays. */
const GUARD = Buffer.alloc(4096, 0xa5);

/** What is left over behind a stream: bits that go on. */
const BEHIND = Buffer.alloc(READ_BYTES, 0xff);

/** Decompresses by the kernel; undefined where it refuses, and in no case is anything written beyond its bounds. */
function inflate(stream: Uint8Array, expected: number, behind: Uint8Array = BEHIND): Buffer | undefined {
  kernels.reset();
  const from = kernels.scratch(stream.length + READ_BYTES);
  const before = kernels.scratch(GUARD.length);
  const to = kernels.scratch(expected + WRITTEN_BYTES + GUARD.length);
  const { bytes } = kernels.views();
  bytes.set(stream, from);
  bytes.set(behind, from + stream.length);
  const after = to + expected + WRITTEN_BYTES;
  bytes.set(GUARD, before);
  bytes.set(GUARD, after);
  const isWhole = kernels.exports.inflate(from, stream.length, to, expected) === 1;
  const guards = [bytes.subarray(before, before + GUARD.length), bytes.subarray(after, after + GUARD.length)];
  if (!guards.every((guard) => GUARD.equals(guard))) throw new Error('the kernel writes beyond its bounds');
  return isWhole ? Buffer.from(bytes.subarray(to, to + expected)) : undefined;
}

function byZlib(stream: Uint8Array, expected: number): Buffer | undefined {
  try {
    const whole = inflateSync(stream, { maxOutputLength: expected + 1 });
    return whole.length === expected ? whole : undefined;
  } catch {
    return undefined;
  }
}

const random = seededRandom(3);

/** Bytes of several kinds: noise, few values, runs, periods, walks. */
const CONTENTS: Readonly<Record<string, (i: number, before: number) => number>> = {
  noise: () => random() * 256,
  'few values': () => random() * 4,
  runs: (_, before) => (random() < 0.05 ? random() * 256 : before),
  'a period of 11': (i) => (i % 11) * 23,
  'a period of 3000': (i) => Math.imul(i % 3000, 2_654_435_761) >>> 24,
  'a walk': (_, before) => before + random() * 5 - 2,
  'rare values': () => random() ** 12 * 256,
};

function contentOf(name: string, byteLength: number): Buffer {
  const content = Buffer.alloc(byteLength);
  for (let i = 0; i < byteLength; i++) content[i] = CONTENTS[name]?.(i, content[i - 1] ?? 0) ?? 0;
  return content;
}

const STRATEGIES = {
  default: constants.Z_DEFAULT_STRATEGY,
  filtered: constants.Z_FILTERED,
  'literals alone': constants.Z_HUFFMAN_ONLY,
  runs: constants.Z_RLE,
  'fixed codes': constants.Z_FIXED,
};

type Bits = readonly [value: number, count: number];

/** A stream of bits, the first one lowest, and the checksum of what a careless decoder would make of it. */
function ofBits(careless: readonly number[], ...fields: readonly Bits[]): Buffer {
  const bits = fields.flatMap(([value, count]) => Array.from({ length: count }, (_, i) => (value >> i) & 1));
  const blocks = Buffer.alloc(Math.ceil(bits.length / 8));
  bits.forEach((bit, i) => (blocks[i >> 3] = (blocks[i >> 3] ?? 0) | (bit << (i & 7))));
  return Buffer.concat([Buffer.of(0x78, 0x9c), blocks, deflateSync(Buffer.from(careless)).subarray(-4)]);
}

const LAST = [1, 1] as const;
const FIXED = [1, 2] as const;
const DYNAMIC = [2, 2] as const;
/** Of fixed codes, bits in reverse: the literal A, a length of 3, the end of the block (RFC 1951, 3.2.6). */
const A = [0x8e, 8] as const;
const LENGTH_3 = [0b1000000, 7] as const;
const END = [0, 7] as const;

/** A block of the literal A, with lengths of so many codes; all but A and the end have none (RFC 1951, 3.2.7). */
function ofCodes(literals: number, distances: number): Buffer {
  const counts: Bits[] = [
    [literals - 257, 5],
    [distances - 1, 5],
    [14, 4],
  ];
  // Codes of 1 bit for the lengths 1 (0) and 18 (1), eleven zeros or more.
  const codeLengths = Array.from({ length: 18 }, (_, i): Bits => [i === 2 || i === 17 ? 1 : 0, 3]);
  const zeros = (count: number): Bits[] => [
    [1, 1],
    [count - 11, 7],
  ];
  const one: Bits = [0, 1];
  const lengths = [...zeros(65), one, ...zeros(138), ...zeros(52), one, ...zeros(literals - 257 + distances)];
  return ofBits([0x41], LAST, DYNAMIC, ...counts, ...codeLengths, ...lengths, [0, 1], [1, 1]);
}

describe('inflate kernel', () => {
  describe.each(Object.keys(CONTENTS))('of %s', (name) => {
    it.each(Object.entries(STRATEGIES))('gives what zlib compressed, strategy %s', (_, strategy) => {
      for (const byteLength of [0, 1, 2, 15, 16, 17, 257, 258, 5551, 5552, 5553, 70_000]) {
        const content = contentOf(name, byteLength);
        for (const level of [0, 1, 6, 9]) {
          const stream = deflateSync(content, { level, strategy, memLevel: 1 + (byteLength % 9) });
          expect(inflate(stream, byteLength)?.equals(content)).toBe(true);
        }
      }
    });
  });

  it('gives what is empty or stored in several blocks', () => {
    const content = contentOf('noise', 200_000);
    expect(inflate(deflateSync(content, { level: 0 }), content.length)?.equals(content)).toBe(true);
  });

  it('passes over what follows the stream', () => {
    const content = contentOf('a walk', 1000);
    const stream = Buffer.concat([deflateSync(content), Buffer.alloc(9, 1)]);
    expect(inflate(stream, 1000)?.equals(content)).toBe(true);
  });

  it('takes a window that is as large as what it decompresses, and refuses a smaller one', () => {
    const content = contentOf('a walk', 512);
    const stream = deflateSync(content, { windowBits: 9 });
    expect(inflate(stream, 512)?.equals(content)).toBe(true);
    expect(inflate(deflateSync(contentOf('a walk', 513), { windowBits: 9 }), 513)).toBeUndefined();
  });

  it('refuses other lengths than expected', () => {
    for (const name of Object.keys(CONTENTS)) {
      const stream = deflateSync(contentOf(name, 1000));
      for (const expected of [0, 1, 500, 999, 1001, 1258, 5000]) expect(inflate(stream, expected)).toBeUndefined();
    }
  });

  it('refuses what is truncated at any byte', () => {
    for (const name of Object.keys(CONTENTS)) {
      const stream = deflateSync(contentOf(name, 300));
      for (let length = 0; length < stream.length; length++) {
        expect(inflate(stream.subarray(0, length), 300)).toBeUndefined();
      }
    }
  });

  it('does not take for the checksum what lies behind the stream', () => {
    const stream = deflateSync(contentOf('noise', 100));
    for (let missing = 1; missing <= 4; missing++) {
      const length = stream.length - missing;
      expect(inflate(stream.subarray(0, length), 100, stream.subarray(length))).toBeUndefined();
    }
  });

  it('refuses a wrong checksum', () => {
    const stream = deflateSync(contentOf('a walk', 100));
    for (let at = stream.length - 4; at < stream.length; at++) {
      const wrong = Buffer.from(stream);
      wrong.writeUInt8(wrong.readUInt8(at) ^ 1, at);
      expect(inflate(wrong, 100)).toBeUndefined();
    }
  });

  it.each([
    ['another method', [0x77, 0x85]],
    ['a window beyond 32 KiB', [0x88, 0x1c]],
    ['a wrong check of the header', [0x78, 0x9d]],
    ['a dictionary', [0x78, 0xbb]],
  ])('refuses %s', (_, header) => {
    const content = contentOf('a walk', 100);
    const stream = Buffer.concat([Buffer.from(header), deflateSync(content).subarray(2)]);
    expect(byZlib(stream, 100)).toBeUndefined();
    expect(inflate(stream, 100)).toBeUndefined();
  });

  it('decodes a stream of bits', () => {
    const stream = ofBits([0x41, 0x41, 0x41, 0x41], LAST, FIXED, A, LENGTH_3, [0, 5], END);
    expect(inflate(stream, 4)).toEqual(Buffer.from('AAAA'));
    expect(inflate(ofCodes(286, 30), 1)).toEqual(Buffer.from('A'));
  });

  it.each([
    ['the type that is reserved', ofBits([], LAST, [3, 2])],
    ['a stored block whose length is not repeated', Buffer.of(0x78, 0x9c, 1, 1, 0, 0xff, 0xff, 0)],
    ['a stored block that goes beyond the end', Buffer.of(0x78, 0x9c, 1, 9, 0, 0xf6, 0xff, 0)],
    ['a match before the beginning', ofBits([0xa5, 0xa5, 0xa5], LAST, FIXED, LENGTH_3, [0, 5], END)],
    ['the length 286', ofBits([0x41], LAST, FIXED, A, [0b01100011, 8], [0, 5], END)],
    ['the distance 30', ofBits([0x41, 0x41, 0x41, 0x41], LAST, FIXED, A, LENGTH_3, [0b01111, 5], [0, 14], END)],
    ['287 literals', ofCodes(287, 1)],
    ['31 distances', ofCodes(286, 31)],
    ['no lengths of code lengths', ofBits([], LAST, DYNAMIC, [0, 5], [0, 5], [0, 4], [0, 12])],
    ['too many codes', ofBits([], LAST, DYNAMIC, [0, 5], [0, 5], [0, 4], [1, 3], [1, 3], [1, 3], [0, 3])],
    ['too few codes', ofBits([], LAST, DYNAMIC, [0, 5], [0, 5], [0, 4], [1, 3], [0, 9])],
    ['a repetition of nothing', ofBits([], LAST, DYNAMIC, [0, 5], [0, 5], [0, 4], [1, 3], [1, 3], [0, 6], [0, 3])],
    ['no end of the block', ofBits([], LAST, DYNAMIC, [0, 5], [0, 5], [0, 4], [0, 3], [0, 3], [1, 3], [1, 3], [1, 1], [127, 7], [1, 1], [108, 7], [0, 2])], // prettier-ignore
  ])('refuses %s', (_, stream) => {
    for (const expected of [0, 1, 3, 4, 259]) {
      expect(byZlib(stream, expected)).toBeUndefined();
      expect(inflate(stream, expected)).toBeUndefined();
    }
  });

  it('takes nothing that zlib does not, of streams changed at random', () => {
    const names = Object.keys(CONTENTS);
    let refused = 0;
    for (let run = 0; run < 8000; run++) {
      const content = contentOf(names[run % names.length] ?? '', 20 + Math.floor(random() * 400));
      const changed = deflateSync(content, { level: 1 + (run % 9), strategy: run % 5 });
      const changes = 1 + Math.floor(random() * 3);
      // Mostly in the front, where the codes are.
      for (let i = 0; i < changes; i++) changed[Math.floor(random() ** 3 * changed.length)] = random() * 256;
      const own = inflate(changed, content.length);
      if (own === undefined) refused++;
      else expect(byZlib(changed, content.length)?.equals(own)).toBe(true);
    }
    expect(refused).toBeGreaterThan(6000);
  });

  it('stays within its bounds for blocks of random bits', () => {
    for (let run = 0; run < 8000; run++) {
      const noise = Buffer.from(Array.from({ length: 60 }, () => random() * 256));
      const start = deflateRawSync(contentOf('a walk', 40)).subarray(0, run % 30);
      const stream = Buffer.concat([Buffer.of(0x78, 0x9c), start, noise]);
      for (const expected of [10, 300]) {
        const [own, zlib] = [inflate(stream, expected), byZlib(stream, expected)];
        expect(own === undefined ? zlib === undefined : zlib?.equals(own)).toBe(true);
      }
    }
  });
});
