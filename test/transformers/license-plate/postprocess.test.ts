import type { ReadPlate } from '../../../src/transformers/license-plate/plate.js';
import { postprocess } from '../../../src/transformers/license-plate/postprocess.js';

const PLATE: ReadPlate = {
  box: [-3.26, 10.04, 60.5, 130],
  score: 0.9,
  reading: {
    shape: 'one-line',
    region: '',
    symbol: '가',
    serial: '4568',
    text: '123가4568',
    confidence: 0.987654,
    characters: [{ char: '1', confidence: 0.99996 }],
  },
};

describe('postprocess()', () => {
  it('tells a plate in the words of the contract, rounded, its box within the picture', () => {
    const [[answer] = []] = postprocess([{ widthPx: 200, heightPx: 100, plates: [PLATE] }]);
    expect(answer).toEqual({
      shape: 'one-line',
      box: [0, 10, 60.5, 100],
      size: [63.8, 120],
      region: '',
      symbol: '가',
      serial: '4568',
      text: '123가4568',
      confidence: 0.9877,
      characters: [{ char: '1', confidence: 1 }],
    });
    expect(Object.keys(answer ?? {})).toEqual([
      'shape', 'box', 'size', 'region', 'symbol', 'serial', 'text', 'confidence', 'characters',
    ]); // prettier-ignore
  });

  it('measures a plate along its own edges where it knows the corners', () => {
    // Turned by a quarter: 40 × 30 stands upright in the picture.
    const plate: ReadPlate = { ...PLATE, box: [0, 0, 30, 40], corners: [[30, 0], [30, 40], [0, 40], [0, 0]] }; // prettier-ignore
    expect(postprocess([{ widthPx: 200, heightPx: 100, plates: [plate] }])[0]?.[0]?.size).toEqual([40, 30]);
  });

  it('keeps the pictures apart, also those without plates', () => {
    const size = { widthPx: 9, heightPx: 9 };
    const counts = postprocess([
      { ...size, plates: [] },
      { ...size, plates: [PLATE, PLATE] },
    ]).map(({ length }) => length);
    expect(counts).toEqual([0, 2]);
  });
});
