import { readFile } from 'node:fs/promises';
import type { Response } from 'common-data-type';
import sharp from 'sharp';
import { annotate, type Drawing } from '../../../client/src/annotate/annotate.js';
import { drawErrorBanner } from '../../../client/src/drawing/plates.js';
import { draw } from '../../../client/src/services/facequality/overlay.js';
import { FACE, NO_FACE, SCORED } from '../faces.js';

const GREEN = [34, 197, 94];
const RED = [239, 68, 68];
const GREY = [90, 100, 110];

/** What is drawn of a Response. */
const drawing = (prediction: Response): Drawing => ({ draw: (canvas) => draw({ prediction }, canvas) });
const errorDrawing: Drawing = { draw: (canvas) => drawErrorBanner({ code: 'timeout' }, canvas) };

const plain = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 90, g: 100, b: 110 } } });

/** Decodes what was drawn and reads its pixels. */
async function look(drawn: Uint8Array) {
  const { data, info } = await sharp(drawn)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) =>
    Array.from(data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3));
  return { width: info.width, height: info.height, at };
}

const distance = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, index) => Math.abs(value - (b[index] ?? NaN))));

describe('annotate()', () => {
  it('draws box and landmarks where they are, and leaves the rest', async () => {
    const { width, height, at } = await look(
      await annotate(await plain(400, 400).png().toBuffer(), drawing(SCORED), 'png'),
    );
    expect([width, height]).toEqual([400, 400]);
    for (const [x, y] of [
      [160, 120],
      [240, 120],
      [200, 180],
      [220, 60],
    ] as const) {
      expect(at(x, y)).toEqual(GREEN);
    }
    for (const [x, y] of FACE.landmarks ?? []) expect(at(x, y)).toEqual([34, 211, 238]);
    for (const [x, y] of [
      [0, 0],
      [399, 399],
      [200, 90],
      [300, 120],
    ] as const) {
      expect(at(x, y)).toEqual(GREY);
    }
  });

  it('writes the quality in white on its colour above the box', async () => {
    const { at } = await look(await annotate(await plain(400, 400).png().toBuffer(), drawing(SCORED), 'png'));
    const label = Array.from({ length: 40 * 30 }, (_, index) => at(160 + (index % 40), 29 + Math.floor(index / 40)));
    expect(label.filter((pixel) => distance(pixel, [255, 255, 255]) < 30).length).toBeGreaterThan(60);
    expect(label.filter((pixel) => distance(pixel, GREEN) < 5).length).toBeGreaterThan(300);
  });

  it('turns the picture upright before it draws', async () => {
    // Orientation 6 is stored on its side: the left edge of the file is the upper edge of the picture, 300×500.
    const upperEdge = { create: { width: 20, height: 300, channels: 3, background: '#0000ff' } } as const;
    const onItsSide = plain(500, 300).composite([{ input: upperEdge, left: 0, top: 0 }]);
    const stored = await onItsSide.jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const { width, height, at } = await look(await annotate(stored, drawing(SCORED), 'png'));
    expect([width, height]).toEqual([300, 500]);
    expect(at(160, 120)).toEqual(GREEN);
    for (const x of [5, 290]) expect(distance(at(x, 10), [0, 0, 255])).toBeLessThan(10);
    expect(distance(at(5, 490), GREY)).toBeLessThan(10);
  });

  it('enlarges a tiny picture and the drawing with it', async () => {
    const tiny = await plain(40, 20).png().toBuffer();
    const face = { score: 0.1, quality: 10, box: [10, 5, 30, 15] as [number, number, number, number] };
    const { width, height, at } = await look(await annotate(tiny, drawing({ data: [face] }), 'png'));
    expect([width, height]).toEqual([400, 200]);
    expect(at(300, 100)).toEqual(RED);
  });

  it('reduces a huge picture', async () => {
    const huge = await plain(8192, 100).png().toBuffer();
    const { width, height } = await look(await annotate(huge, drawing(NO_FACE), 'png'));
    expect([width, height]).toEqual([4096, 50]);
  });

  it.each<[string, Drawing, number[]]>([
    ['no face', drawing(NO_FACE), [55, 65, 81]],
    ['an error', errorDrawing, RED],
  ])('has a banner along the lower edge for %s', async (_, result, colour) => {
    const { at } = await look(await annotate(await plain(400, 300).png().toBuffer(), result, 'png'));
    expect(at(398, 298)).toEqual(colour);
    expect(at(1, 298)).toEqual(colour);
    expect(at(200, 200)).toEqual(GREY);
  });

  it('draws on a white square beside the picture', async () => {
    const drawBeside = (sidePx: number) => `<rect width="${sidePx / 2}" height="${sidePx}" fill="#22c55e"/>`;
    const picture = await plain(500, 300).png().toBuffer();
    const { width, height, at } = await look(await annotate(picture, { draw: () => '', drawBeside }, 'png'));
    expect([width, height]).toEqual([800, 300]);
    expect([at(499, 150), at(501, 150), at(645, 150), at(655, 150)]).toEqual([GREY, GREEN, GREEN, [255, 255, 255]]);
  });

  it.each(['cmyk.jpg', 'grey.jpg', 'alpha.png', 'exif6.jpg'])('draws in colour on %s', async (name) => {
    const bytes = await readFile(`samples/faces/${name}`);
    const response = { data: [{ score: 0.9, box: [20, 50, 150, 150] as [number, number, number, number] }] };
    const drawn = await annotate(bytes, drawing(response), 'png');
    const scale = name === 'alpha.png' ? 2 : 1;
    const { at } = await look(drawn);
    expect(at(20 * scale, 100 * scale)).toEqual(GREEN);
  });

  it('writes JPEG where the picture is one', async () => {
    const drawn = await annotate(await plain(400, 400).jpeg().toBuffer(), drawing(SCORED), 'jpeg');
    await expect(sharp(drawn).metadata()).resolves.toMatchObject({ format: 'jpeg', width: 400, height: 400 });
    const { at } = await look(drawn);
    expect(distance(at(160, 120), GREEN)).toBeLessThan(40);
  });

  it('draws a truncated picture as far as it goes', async () => {
    const whole = await readFile('samples/faces/base_q92.jpg');
    const { width, at } = await look(await annotate(whole.subarray(0, whole.length / 2), errorDrawing, 'png'));
    expect(width).toBe(400);
    expect(at(398, 398)).toEqual(RED);
  });

  it('throws for bytes that are no picture', async () => {
    await expect(annotate(Buffer.from('hello'), drawing(NO_FACE), 'png')).rejects.toThrow('unsupported image format');
  });
});
