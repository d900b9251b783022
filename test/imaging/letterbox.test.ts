import { applyAffine } from '../../src/imaging/affine.js';
import { letterbox } from '../../src/imaging/letterbox.js';
import { warpBatch } from '../../src/imaging/warp.js';
import { expectedFloats, fixturePicture, imagingFixtures, largestDifference } from '../helpers/imaging-fixtures.js';

const OUTPUT = { widthPx: 320, heightPx: 240 };

describe('letterbox()', () => {
  it.each(imagingFixtures.letterbox)('fits $width x $height as the reference', ({ width, height, region }) => {
    const fit = letterbox({ widthPx: width, heightPx: height }, OUTPUT);
    expect([fit.regionWidthPx, fit.regionHeightPx]).toEqual(region);
    expect(applyAffine(fit.map, [region])[0]?.map(Math.round)).toEqual([width, height]);
  });

  it('rounds halves to the even number', () => {
    expect(letterbox({ widthPx: 640, heightPx: 5 }, OUTPUT).regionHeightPx).toBe(2);
    expect(letterbox({ widthPx: 640, heightPx: 7 }, OUTPUT).regionHeightPx).toBe(4);
  });

  it('gives the canvas of the reference, bars included', async () => {
    const picture = await fixturePicture('face');
    const spec = { widthPx: 40, heightPx: 36, channels: 'rgb', mean: [0, 0, 0], std: [1, 1, 1], fill: 127 } as const;
    const planes = warpBatch({ crops: [{ picture, ...letterbox(picture, spec) }], spec });
    const plane = 40 * 36;
    const interleaved = Float32Array.from(
      { length: 3 * plane },
      (_, i) => planes[(i % 3) * plane + Math.floor(i / 3)] ?? NaN,
    );
    expect(largestDifference(interleaved, expectedFloats('letterbox-face-40x36.bin'))).toBeLessThan(1e-3);
  });
});
