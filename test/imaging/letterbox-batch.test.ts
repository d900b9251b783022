import { centredPlace } from '../../src/imaging/letterbox.js';
import { letterboxBatch } from '../../src/imaging/letterbox-batch.js';
import { resizeAntialiasedBatch } from '../../src/imaging/resize-antialiased.js';
import type { SampleSpec } from '../../src/imaging/sample-spec.js';

const SPEC: SampleSpec = {
  widthPx: 16,
  heightPx: 16,
  channels: 'rgb',
  mean: [0, 0, 0],
  std: [255, 255, 255],
  fill: 114,
};

function picture(widthPx: number, heightPx: number) {
  const data = Uint8Array.from({ length: widthPx * heightPx * 3 }, (_, i) => (i * 89) % 256);
  return { widthPx, heightPx, data };
}

describe('centredPlace()', () => {
  it.each([
    ['wide', 1280, 720, { left: 0, top: 140, widthPx: 640, heightPx: 360 }],
    ['tall', 480, 640, { left: 80, top: 0, widthPx: 480, heightPx: 640 }],
    ['smaller', 100, 50, { left: 0, top: 160, widthPx: 640, heightPx: 320 }],
    ['of one size', 640, 640, { left: 0, top: 0, widthPx: 640, heightPx: 640 }],
    ['with an odd bar', 640, 427, { left: 0, top: 106, widthPx: 640, heightPx: 427 }],
    ['a thread', 10_000, 1, { left: 0, top: 319, widthPx: 640, heightPx: 1 }],
  ])('of a picture that is %s', (_, widthPx, heightPx, place) => {
    expect(centredPlace({ widthPx, heightPx }, { widthPx: 640, heightPx: 640 })).toEqual(place);
  });
});

describe('letterboxBatch()', () => {
  it('puts each picture into the middle, as stretching alone makes it, and grey about it', () => {
    const pictures = [picture(40, 20), picture(6, 15)];
    const batch = letterboxBatch({ pictures, spec: SPEC });
    expect(batch).toHaveLength(2 * 3 * 16 * 16);
    pictures.forEach((one, n) => {
      const { left, top, widthPx, heightPx } = centredPlace(one, SPEC);
      const inner = resizeAntialiasedBatch({ pictures: [one], spec: { ...SPEC, widthPx, heightPx } });
      for (let c = 0; c < 3; c++) {
        for (let y = 0; y < 16; y++) {
          for (let x = 0; x < 16; x++) {
            const isInside = x >= left && x < left + widthPx && y >= top && y < top + heightPx;
            const expected = isInside ? inner[(c * heightPx + y - top) * widthPx + x - left] : Math.fround(114 / 255);
            expect(batch[((n * 3 + c) * 16 + y) * 16 + x]).toBe(expected);
          }
        }
      }
    });
  });

  it('fills a grey batch, too', () => {
    const spec: SampleSpec = { ...SPEC, channels: 'grey', mean: [14], std: [100] };
    const batch = letterboxBatch({ pictures: [picture(16, 4)], spec });
    expect([...batch.subarray(0, 16)]).toEqual(new Array(16).fill(1));
    expect(batch[7 * 16]).not.toBe(1);
  });
});
