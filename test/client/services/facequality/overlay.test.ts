import type { Canvas } from '../../../../client/src/drawing/canvas.js';
import { drawErrorBanner } from '../../../../client/src/drawing/plates.js';
import { draw, qualityColour } from '../../../../client/src/services/facequality/overlay.js';
import { FACE, NO_FACE, SCORED } from '../../faces.js';

const CANVAS: Canvas = { widthPx: 400, heightPx: 400, scale: 1 };
const GREEN = '#22c55e';

/** The rectangles of an SVG by their fill: `none` for boxes, a colour for plates of labels and banners. */
function rectangles(svg: string) {
  return Array.from(svg.matchAll(/<rect ([^>]*)>/g), ([, text = '']) => {
    const read = (name: string) => new RegExp(`(?:^| )${name}="([^"]*)"`).exec(text)?.[1];
    const [x, y, width, height] = ['x', 'y', 'width', 'height'].map((name) => Number(read(name)));
    return { x, y, width, height, fill: read('fill'), stroke: read('stroke') };
  });
}

const plates = (svg: string) => rectangles(svg).filter(({ fill }) => fill !== 'none');
const withBox = (box: [number, number, number, number]) => ({ prediction: { data: [{ ...FACE, box }] } });

describe('draw()', () => {
  it('draws the box in the colour of the quality over a dark halo', () => {
    const boxes = rectangles(draw({ prediction: SCORED }, CANVAS)).filter(({ fill }) => fill === 'none');
    const box = { x: 160, y: 60, width: 80, height: 120, fill: 'none' };
    expect(boxes).toEqual([
      { ...box, stroke: '#000' },
      { ...box, stroke: GREEN },
    ]);
  });

  it('draws five landmarks', () => {
    const svg = draw({ prediction: SCORED }, CANVAS);
    const centres = Array.from(svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g), ([, x, y]) => [
      Number(x),
      Number(y),
    ]);
    expect(centres).toEqual(FACE.landmarks);
  });

  it('scales everything with the canvas', () => {
    const svg = draw({ prediction: SCORED }, { widthPx: 800, heightPx: 800, scale: 2 });
    expect(rectangles(svg)[0]).toMatchObject({ x: 320, y: 120, width: 160, height: 240 });
    expect(svg).toContain('<circle cx="364.0" cy="202.0"');
  });

  it('widens lines with the picture', () => {
    const widthOf = (side: number) =>
      /stroke="#22c55e" stroke-width="(\d+)"/.exec(
        draw({ prediction: SCORED }, { widthPx: side, heightPx: side, scale: 1 }),
      )?.[1];
    expect([400, 1000, 4000].map(widthOf)).toEqual(['2', '4', '16']);
  });

  it.each<[string, [number, number, number, number], (plate: { x: number; y: number; height: number }) => boolean]>([
    ['above the box', [100, 100, 200, 200], ({ y, height }) => Math.abs(y + height - 100) < 0.2],
    ['below a box that touches the top', [100, 0, 200, 200], ({ y }) => y === 200],
    ['inside a box that fills the picture', [-5, -5, 405, 405], ({ x, y }) => x === 0 && y === 0],
    ['inside the picture, for a box at the right edge', [395, 100, 420, 200], ({ x }) => x < 380],
  ])('puts the label %s', (_, box, isThere) => {
    const [plate] = plates(draw(withBox(box), CANVAS));
    expect(plate).toMatchObject({ fill: GREEN });
    expect(isThere({ x: plate?.x ?? NaN, y: plate?.y ?? NaN, height: plate?.height ?? NaN })).toBe(true);
  });

  it('puts no label on another one', () => {
    const faces = [FACE, { ...FACE, quality: 50 }, { ...FACE, quality: 10 }];
    const tops = plates(draw({ prediction: { data: faces } }, CANVAS)).map(({ y, height }) => ({ y, height }));
    const sorted = tops.map(({ y = 0, height = 0 }) => ({ y, end: y + height })).sort((a, b) => a.y - b.y);
    expect(sorted).toHaveLength(3);
    for (const [index, { end }] of sorted.entries())
      expect(sorted[index + 1]?.y ?? Infinity).toBeGreaterThanOrEqual(end);
  });

  it.each([
    ['no face', draw({ prediction: NO_FACE }, CANVAS), '#374151'],
    ['a score without a box', draw({ prediction: { data: [{ score: 0.5 }] } }, CANVAS), '#374151'],
    ['an error', drawErrorBanner({ code: 'unprocessable' }, CANVAS), '#ef4444'],
    ['an error of the whole call', drawErrorBanner({ status: 503 }, CANVAS), '#ef4444'],
  ])('has a banner over the whole width for %s', (_, svg, fill) => {
    const [banner, ...others] = plates(svg);
    expect(others).toEqual([]);
    expect(banner).toMatchObject({ x: 0, width: 400, fill });
    expect((banner?.y ?? 0) + (banner?.height ?? 0)).toBeCloseTo(400, 0);
  });

  it('keeps the banner inside a picture that is narrow or flat', () => {
    for (const [widthPx, heightPx] of [
      [4, 400],
      [400, 4],
    ] as const) {
      const [banner] = plates(draw({ prediction: NO_FACE }, { widthPx, heightPx, scale: 1 }));
      expect(banner?.y).toBeGreaterThanOrEqual(0);
      expect(banner?.height).toBeLessThanOrEqual(heightPx);
    }
  });

  it('is well-formed for a box that is turned inside out', () => {
    const svg = draw(withBox([200, 200, 100, 100]), CANVAS);
    expect(svg).not.toMatch(/NaN|(width|height)="-/);
  });
});

describe('qualityColour()', () => {
  it.each([
    [100, GREEN],
    [65, GREEN],
    [64, '#f59e0b'],
    [40, '#f59e0b'],
    [39, '#ef4444'],
    [0, '#ef4444'],
  ])('is for %d %s', (quality, colour) => {
    expect(qualityColour(quality)).toBe(colour);
  });
});
