import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { createPixelKernels, MAX_SCRATCH_BYTES } from '../../src/imaging/pixel-kernels.js';
import { createReducedJpegDecoder, type ReducedPicture, type Reduction } from '../../src/imaging/reduced-jpeg.js';
import { CASES, jpegOf, PICTURES, pixelsOf, segmentOf } from '../helpers/reduced-jpeg-fixtures.js';
import { serviceErrorThrownBy } from '../helpers/service-error-of.js';

const kernels = createPixelKernels();
const decoder = createReducedJpegDecoder(kernels);

const REDUCTIONS: readonly Reduction[] = [2, 4, 8];
const DAMAGED = { code: 'unprocessable', message: 'truncated or damaged JPEG picture' };

/** The picture, its pixels copied, so that the next one does not overwrite them. */
function decode(bytes: Uint8Array, reduction: Reduction): ReducedPicture {
  const picture = decoder.decode(bytes, reduction);
  if (picture === undefined) throw new Error('The picture is not supported, but expected to be');
  return { ...picture, data: picture.data.slice() };
}

function differences(actual: Uint8Array, expected: Uint8Array): { greatest: number; mean: number } {
  expect(actual).toHaveLength(expected.length);
  const all = Array.from(actual, (value, i) => Math.abs(value - (expected[i] ?? NaN)));
  return { greatest: Math.max(...all), mean: all.reduce((sum, value) => sum + value, 0) / all.length };
}

/** A copy with some bytes replaced. */
function patched(bytes: Buffer, at: number, ...values: number[]): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(values, at);
  return copy;
}

function sample(name: string): Buffer {
  return readFileSync(new URL(`../../samples/faces/${name}`, import.meta.url));
}

describe('createReducedJpegDecoder()', () => {
  // libjpeg rounds between the passes of its transform, this decoder once.
  it.each(CASES)('decodes $picture at 1/$reduction as libjpeg does', (expected) => {
    const picture = decode(jpegOf(expected.picture), expected.reduction);
    expect(picture).toMatchObject({ widthPx: expected.width, heightPx: expected.height });
    const { greatest, mean } = differences(picture.data, pixelsOf(expected));
    expect(greatest).toBeLessThanOrEqual(3);
    expect(mean).toBeLessThan(0.2);
  });

  it.each(REDUCTIONS)('gives at 1/%i nearly the mean of the whole picture’s pixels', async (reduction) => {
    const bytes = sample('base_q92.jpg');
    const { data, widthPx, heightPx } = decode(bytes, reduction);
    const whole = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    const [width, height] = [widthPx, heightPx].map((side) => side * reduction);
    expect([whole.info.width, whole.info.height]).toEqual([width, height]);
    const means = new Float64Array(data.length);
    whole.data.forEach((value, i) => {
      const [x, y] = [Math.floor(i / 3) % whole.info.width, Math.floor(i / 3 / whole.info.width)];
      const at = (Math.floor(y / reduction) * widthPx + Math.floor(x / reduction)) * 3 + (i % 3);
      means[at] = (means[at] ?? NaN) + value / reduction ** 2;
    });
    expect(differences(data, Uint8Array.from(means, Math.round)).mean).toBeLessThan(0.6);
  });

  it('decodes an extended sequential picture as the baseline one that it is', () => {
    const baseline = jpegOf('420-41x30');
    const extended = patched(baseline, segmentOf(baseline, 0xc0) + 1, 0xc1);
    expect(decode(extended, 4)).toEqual(decode(baseline, 4));
  });

  it('takes the colours of a picture without JFIF and Adobe’s markers by the components’ names', () => {
    const named = jpegOf('rgb');
    const adobe = segmentOf(named, 0xee);
    const unmarked = Buffer.concat([
      named.subarray(0, adobe),
      named.subarray(adobe + 2 + named.readUInt16BE(adobe + 2)),
    ]);
    expect(decode(unmarked, 2).data).toEqual(decode(named, 2).data);

    // Components 1, 2 and 3 instead: luminance and colour differences.
    const frame = segmentOf(unmarked, 0xc0);
    const scan = segmentOf(unmarked, 0xda);
    const numbered = Buffer.from(unmarked);
    for (let i = 0; i < 3; i++) numbered[frame + 10 + i * 3] = numbered[scan + 5 + i * 2] = i + 1;
    const [plain, converted] = [decode(unmarked, 2).data, decode(numbered, 2).data];
    const [y, cb, cr] = plain;
    expect(converted[0]).toBe(Math.min(255, Math.max(0, Math.round((y ?? NaN) + 1.402 * ((cr ?? NaN) - 128)))));
    expect(converted[2]).toBe(Math.min(255, Math.max(0, Math.round((y ?? NaN) + 1.772 * ((cb ?? NaN) - 128)))));
  });

  it('decodes bytes that are a part of a larger buffer', () => {
    const bytes = jpegOf('444-17x33');
    const larger = Buffer.concat([Buffer.alloc(13, 0xff), bytes, Buffer.alloc(5, 0xd0)]);
    expect(decode(larger.subarray(13, 13 + bytes.length), 2)).toEqual(decode(bytes, 2));
  });

  it('puts the pixels where it says in the kernels’ memory', () => {
    const { address, data } = decode(jpegOf('444-17x33'), 2);
    expect(address % 16).toBe(0);
    expect(new Uint8Array(kernels.memory.buffer, address, data.length)).toEqual(data);
  });

  it('gives the same pixels whatever the memory held before', () => {
    const expected = decode(jpegOf('422-41x30'), 2);
    for (const left of [0, 0xff]) {
      new Uint8Array(kernels.memory.buffer).fill(left, kernels.exports.heapBase());
      expect(decode(jpegOf('422-41x30'), 2)).toEqual(expected);
    }
  });

  it('tells the orientation and leaves it to the caller', () => {
    const { orientation, widthPx, heightPx } = decode(sample('exif6.jpg'), 8);
    expect(orientation).toBe(6);
    const whole = decode(jpegOf('444-17x33'), 8);
    expect(whole.orientation).toBe(1);
    expect(widthPx).toBeGreaterThan(0);
    expect(heightPx).toBeGreaterThan(0);
  });

  it('decodes what ends without an end of image', () => {
    const bytes = jpegOf('420-41x30');
    expect(bytes.subarray(-2)).toEqual(Buffer.of(0xff, 0xd9));
    expect(decode(bytes.subarray(0, -2), 2)).toEqual(decode(bytes, 2));
  });

  it('passes over fill bytes in front of a marker', () => {
    const bytes = jpegOf('420-restarts');
    const restart = segmentOf(bytes, 0xd0);
    const filled = Buffer.concat([bytes.subarray(0, restart), Buffer.of(0xff, 0xff), bytes.subarray(restart)]);
    expect(decode(filled, 2)).toEqual(decode(bytes, 2));
  });

  it.each(['progressive', 'cmyk'] as const)('leaves a %s picture to others', async (kind) => {
    const bytes =
      kind === 'cmyk' ? sample('cmyk.jpg') : await sharp(sample('base_q92.jpg')).jpeg({ progressive: true }).toBuffer();
    expect(decoder.decode(bytes, 4)).toBeUndefined();
  });

  it.each([
    ['of 12 bits', 0xc1, 4, 12],
    ['of two components', 0xc0, 9, 2],
    ['with a sampling factor of 0', 0xc0, 11, 0x01],
    ['with a sampling factor of 5', 0xc0, 11, 0x15],
    ['with units of more than ten blocks', 0xc0, 11, 0x44],
    ['whose colour would have to be enlarged by a fraction', 0xc0, 14, 0x31],
    ['with a table of quantisers that is not there', 0xc0, 12, 3],
    ['with arithmetic codes', 0xc9, 1, 0xc9],
    ['with a table of codes that is not there', 0xda, 6, 0x30],
    ['with several scans', 0xda, 4, 1],
    ['whose scan has another order of components', 0xda, 5, 2],
  ])('leaves a picture %s to others', (_, marker, at, value) => {
    const bytes = jpegOf('420-17x33');
    const first = marker === 0xda ? 0xda : 0xc0;
    const segment = segmentOf(bytes, first);
    const changed = patched(patched(bytes, segment + 1, marker), segment + at, value);
    expect(decoder.decode(changed, 4)).toBeUndefined();
  });

  it('leaves a picture to others that takes more memory than there is', () => {
    const bytes = jpegOf('420-17x33');
    const frame = segmentOf(bytes, 0xc0);
    // 8192 × 8192 pixels: 50 MB at 1/2, 12 at 1/4.
    const large = patched(bytes, frame + 5, 0x20, 0, 0x20, 0);
    expect(decoder.decode(large, 2)).toBeUndefined();
    expect(serviceErrorThrownBy(() => decoder.decode(large, 8))).toMatchObject(DAMAGED);
    expect(kernels.memory.buffer.byteLength).toBeLessThan(MAX_SCRATCH_BYTES / 4);
  });

  it.each(['420-41x30', '420-restarts', 'grey-41x30', '422-17x33'])('refuses %s truncated at any byte', (name) => {
    const bytes = jpegOf(name);
    // Not the end of image alone, but at least a byte of the last block.
    for (let length = 2; length < bytes.length - 2; length++) {
      for (const reduction of REDUCTIONS) {
        expect(serviceErrorThrownBy(() => decoder.decode(bytes.subarray(0, length), reduction))).toMatchObject(DAMAGED);
      }
    }
  });

  it('refuses a picture whose restart markers are not those that follow each other', () => {
    const bytes = jpegOf('420-restarts');
    const second = segmentOf(bytes, 0xd1);
    for (const marker of [0xd0, 0xd2, 0xd9]) {
      expect(serviceErrorThrownBy(() => decode(patched(bytes, second + 1, marker), 8))).toMatchObject(DAMAGED);
    }
  });

  it('refuses a code that does not exist', () => {
    const bytes = jpegOf('420-41x30');
    const scan = segmentOf(bytes, 0xda);
    const entropy = scan + 2 + bytes.readUInt16BE(scan + 2);
    // No table has a code of sixteen ones.
    const changed = patched(bytes, entropy + 20, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0);
    for (const reduction of REDUCTIONS) {
      expect(serviceErrorThrownBy(() => decode(changed, reduction))).toMatchObject(DAMAGED);
    }
  });

  it.each([
    ['more codes of a length than there can be', 0xc4, 5, 3],
    ['a table of codes that is longer than its segment', 0xc4, 20, 255],
    ['a segment that goes beyond the end', 0xc4, 2, 0xff],
    ['a segment shorter than its length', 0xdb, 2, 0],
    ['a table of quantisers that is longer than its segment', 0xdb, 4, 0x10],
    ['no width', 0xc0, 7, 0],
  ])('refuses a header with %s', (_, marker, at, value) => {
    const bytes = jpegOf('420-17x33');
    const segment = segmentOf(bytes, marker);
    const changed = patched(bytes, segment + at, value);
    if (marker === 0xc0) changed[segment + 8] = 0;
    if (marker === 0xdb && at === 2) changed[segment + 3] = 1;
    expect(serviceErrorThrownBy(() => decoder.decode(changed, 4))).toMatchObject(DAMAGED);
  });

  it('knows every picture of the fixtures', () => {
    expect(PICTURES.length * REDUCTIONS.length).toBe(CASES.length);
  });
});
