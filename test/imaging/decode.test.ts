import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { decodePicture } from '../../src/imaging/decode.js';
import { readHeader } from '../../src/imaging/header.js';
import type { PictureFormat } from '../../src/imaging/picture-format.js';
import type { Picture } from '../../src/imaging/picture.js';
import { ENCODERS, onePlainPng, QUARTER_COLOURS, quarters } from '../helpers/make-pictures.js';
import { serviceErrorOf } from '../helpers/service-error-of.js';

const FORMATS = Object.keys(ENCODERS) as PictureFormat[];

/** Decodes into memory of just the size that the header asks for. */
async function decode(bytes: Uint8Array): Promise<Picture> {
  const { pixels } = readHeader(bytes, { maxPixels: 200_000_000 });
  return decodePicture(bytes, new Uint8Array(new SharedArrayBuffer(pixels * 3)));
}

function sample(name: string): Buffer {
  return readFileSync(new URL(`../../samples/faces/${name}`, import.meta.url));
}

/** The colours in the middle of the four quarters, in reading order. */
function quarterColours({ widthPx, heightPx, data }: Picture): number[][] {
  return [1, 3].flatMap((row) =>
    [1, 3].map((column) => {
      const at = (Math.floor((row * heightPx) / 4) * widthPx + Math.floor((column * widthPx) / 4)) * 3;
      return [...data.subarray(at, at + 3)];
    }),
  );
}

function meanDifference(a: Picture, b: Picture): number {
  expect(a.data).toHaveLength(b.data.length);
  return a.data.reduce((sum, value, i) => sum + Math.abs(value - (b.data[i] ?? NaN)), 0) / a.data.length;
}

function pixel({ data }: Picture, index = 0): number[] {
  return [...data.subarray(index * 3, index * 3 + 3)];
}

describe('decodePicture()', () => {
  it.each(FORMATS)('decodes a %s to RGB', async (format) => {
    const picture = await decode(await ENCODERS[format](quarters(32, 16)).toBuffer());
    expect(picture).toMatchObject({ widthPx: 32, heightPx: 16 });
    quarterColours(picture).forEach((colour, i) => {
      colour.forEach((value, c) => {
        expect(Math.abs(value - (QUARTER_COLOURS[i]?.[c] ?? NaN))).toBeLessThanOrEqual(4);
      });
    });
  });

  it('puts the pixels on shared memory', async () => {
    const { data, widthPx, heightPx } = await decode(sample('base.png'));
    expect(Object.prototype.toString.call(data.buffer)).toBe('[object SharedArrayBuffer]');
    expect(data).toHaveLength(widthPx * heightPx * 3);
  });

  it('decodes bytes that are a part of a larger buffer', async () => {
    const bytes = await ENCODERS.png(quarters()).toBuffer();
    const larger = Buffer.concat([Buffer.alloc(13), bytes, Buffer.alloc(5)]);
    const part = new Uint8Array(larger.buffer, larger.byteOffset + 13, bytes.length);
    expect(quarterColours(await decode(part))).toEqual(QUARTER_COLOURS);
  });

  // Which stored quarter stands in each place of the upright picture: EXIF 2.32, 4.6.4, tag 274.
  it.each([
    [1, [0, 1, 2, 3]],
    [2, [1, 0, 3, 2]],
    [3, [3, 2, 1, 0]],
    [4, [2, 3, 0, 1]],
    [5, [0, 2, 1, 3]],
    [6, [2, 0, 3, 1]],
    [7, [3, 1, 2, 0]],
    [8, [1, 3, 0, 2]],
  ])('turns EXIF orientation %d upright', async (orientation, places) => {
    const bytes = await quarters(32, 16).withMetadata({ orientation }).png().toBuffer();
    const picture = await decode(bytes);
    const isTurned = orientation > 4;
    expect([picture.widthPx, picture.heightPx]).toEqual(isTurned ? [16, 32] : [32, 16]);
    expect(quarterColours(picture)).toEqual(places.map((place) => QUARTER_COLOURS[place]));
  });

  it('gives the sample that lies on its side as the upright one', async () => {
    const [upright, turned] = [await decode(sample('base.png')), await decode(sample('exif6.jpg'))];
    expect(meanDifference(upright, turned)).toBeLessThan(3);
  });

  it('converts CMYK to the colours that it was made from', async () => {
    const [rgb, cmyk] = [await decode(sample('base.png')), await decode(sample('cmyk.jpg'))];
    expect(meanDifference(rgb, cmyk)).toBeLessThan(3);
  });

  it('turns CMYK upright too', async () => {
    const bytes = await sharp(sample('cmyk.jpg')).toColourspace('cmyk').extract({ left: 0, top: 0, width: 80, height: 40 }).withMetadata({ orientation: 6 }).jpeg().toBuffer(); // prettier-ignore
    expect(await decode(bytes)).toMatchObject({ widthPx: 40, heightPx: 80 });
  });

  it('makes three equal channels of grey', async () => {
    const { data } = await decode(sample('grey.jpg'));
    expect(data.every((value, i) => i % 3 === 0 || value === data[i - 1])).toBe(true);
  });

  it('takes the upper 8 of 16 bits', async () => {
    const deep = sharp(Uint16Array.of(0x1234, 0x8000, 0xffff), { raw: { width: 1, height: 1, channels: 3 } });
    const bytes = await deep.toColourspace('rgb16').png().toBuffer();
    expect((await sharp(bytes).metadata()).depth).toBe('ushort');
    expect(pixel(await decode(bytes))).toEqual([0x12, 0x80, 0xff]);
  });

  it('decodes 16-bit grey', async () => {
    const deep = sharp(Uint16Array.of(0x8000), { raw: { width: 1, height: 1, channels: 1 } });
    const bytes = await deep.toColourspace('grey16').png().toBuffer();
    expect((await sharp(bytes).metadata()).space).toBe('grey16');
    expect(pixel(await decode(bytes))).toEqual([128, 128, 128]);
  });

  it.each([
    ['RGBA', 4, [100, 0, 0, 0], [255, 255, 255]],
    ['RGBA', 4, [100, 50, 0, 255], [100, 50, 0]],
    ['RGBA', 4, [0, 100, 200, 51], [204, 224, 244]],
    ['grey with alpha', 2, [0, 51], [204, 204, 204]],
  ] as const)('lays %s of %d channels on white', async (_, channels, value, expected) => {
    const bytes = await sharp(Buffer.from(value), { raw: { width: 1, height: 1, channels } })
      .png()
      .toBuffer();
    const actual = pixel(await decode(bytes));
    actual.forEach((channel, c) => {
      expect(Math.abs(channel - (expected[c] ?? NaN))).toBeLessThanOrEqual(1);
    });
  });

  it('decodes a palette with a transparent colour', async () => {
    const transparent = { width: 8, height: 8, channels: 4, background: { r: 9, g: 9, b: 9, alpha: 0 } } as const;
    const bytes = await sharp({ create: transparent }).png({ palette: true }).toBuffer();
    expect(pixel(await decode(bytes))).toEqual([255, 255, 255]);
  });

  it.each(['gif', 'webp', 'tiff'] as const)('decodes the first of several frames of a %s', async (format) => {
    const frames = ['#ff0000', '#0000ff'].map(
      (background) => ({ width: 8, height: 8, channels: 3, background }) as const,
    );
    const pages = await Promise.all(frames.map((create) => sharp({ create }).png().toBuffer()));
    const bytes = await ENCODERS[format](sharp(pages, { join: { animated: true } })).toBuffer();
    expect((await sharp(bytes).metadata()).pages).toBe(2);
    const picture = await decode(bytes);
    expect(picture).toMatchObject({ widthPx: 8, heightPx: 8 });
    expect(pixel(picture)[0]).toBeGreaterThan(250);
  });

  it('passes over an embedded colour profile', async () => {
    const create = { width: 4, height: 4, channels: 3, background: { r: 200, g: 30, b: 40 } } as const;
    const bytes = await sharp({ create }).withIccProfile('p3').png().toBuffer();
    const stored = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer();
    const decoded = pixel(await decode(bytes));
    expect(decoded).toEqual([...stored.subarray(0, 3)]);
    // The profile's red is wider, so the same colour is stored with less of it.
    expect(decoded[0]).toBeLessThan(190);
  });

  it('decodes a JPEG with stray bytes between its segments', async () => {
    const bytes = await ENCODERS.jpeg(quarters()).toBuffer();
    const second = 4 + bytes.readUInt16BE(4);
    const strayed = Buffer.concat([bytes.subarray(0, second), Buffer.from([1, 2, 3]), bytes.subarray(second)]);
    expect(pixel(await decode(strayed))).toEqual(pixel(await decode(bytes)));
  });

  it('refuses a picture of more channels than a colour has', async () => {
    const plane = { width: 4, height: 4, channels: 1 } as const;
    const planes = Array.from({ length: 6 }, () => Buffer.alloc(16, 100));
    const joined = sharp(Buffer.alloc(16), { raw: plane }).joinChannel(planes, { raw: plane });
    const bytes = await joined.toColourspace('multiband').tiff({ compression: 'none' }).toBuffer();
    expect(await serviceErrorOf(decode(bytes))).toMatchObject({
      code: 'unprocessable',
      message: 'the TIFF picture has more channels than a colour has',
    });
  });

  it('decodes a single pixel', async () => {
    expect(await decode(sample('one_pixel.png'))).toMatchObject({ widthPx: 1, heightPx: 1 });
  });

  it.each(FORMATS)('refuses a truncated %s', async (format) => {
    // Noise, so that the pixels are most of the file.
    const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => Math.imul(i, 2_654_435_761) >>> 24);
    const bytes = await ENCODERS[format](sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })).toBuffer();
    for (const share of [0.3, 0.6, 0.95]) {
      const error = await serviceErrorOf(decode(bytes.subarray(0, Math.floor(bytes.length * share))));
      expect(error.code).toBe('unprocessable');
      expect(error.message).toMatch(/^truncated or damaged (header of the )?(JPEG|PNG|WebP|GIF|TIFF|AVIF) picture$/);
    }
  });

  it.each(FORMATS)('refuses a %s with damaged insides or decodes it, but never crashes', async (format) => {
    const bytes = await ENCODERS[format](sharp(sample('one_pixel.png')).resize(48, 48)).toBuffer();
    for (let at = 20; at < bytes.length; at += Math.ceil(bytes.length / 60)) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      await decode(damaged).catch((error: unknown) => {
        expect(error).toMatchObject({ code: expect.stringMatching(/^(unprocessable|payload_too_large)$/) });
      });
    }
  });

  it('refuses an AVIF and a GIF whose header tells a smaller size', async () => {
    const avif = await ENCODERS.avif(quarters(600, 400)).toBuffer();
    for (let at = avif.indexOf('ispe'); at >= 0; at = avif.indexOf('ispe', at + 1)) avif.writeUInt32BE(8, at + 8);
    expect((await serviceErrorOf(decode(avif))).message).toMatch(/AVIF picture( is larger than its header says)?$/);

    const gif = await ENCODERS.gif(quarters(600, 400)).toBuffer();
    gif.writeUInt16LE(8, 6);
    expect(await serviceErrorOf(decode(gif))).toMatchObject({
      code: 'unprocessable',
      message: 'the GIF picture is larger than its header says',
    });
  });

  it.each([
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
    ['PDF', '%PDF-1.4\n1 0 obj'],
  ])('refuses %s', async (name, text) => {
    const error = await serviceErrorOf(decode(Buffer.from(text)));
    expect(error.code).toBe('unprocessable');
    expect(error.message).toContain(`it looks like ${name}`);
  });

  it('blocks every other loader of libvips for the whole process', async () => {
    await decode(sample('one_pixel.png'));
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    await expect(sharp(svg).metadata()).rejects.toThrow('unsupported image format');
    const path = fileURLToPath(new URL('../../samples/faces/one_pixel.png', import.meta.url));
    await expect(sharp(path).metadata()).rejects.toThrow('unsupported image format');
  });

  it('has libvips use one thread for a picture', async () => {
    await decode(onePlainPng(2, 2));
    expect(sharp.concurrency()).toBe(1);
  });

  it('decodes 10 megapixels of one colour', async () => {
    expect(await decode(onePlainPng(10_000, 1_000))).toMatchObject({ widthPx: 10_000, heightPx: 1_000 });
  });
});
