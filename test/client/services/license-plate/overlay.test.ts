import { textPath } from '../../../../client/src/drawing/stroke-font.js';
import { draw } from '../../../../client/src/services/license-plate/overlay.js';
import { romanise } from '../../../../client/src/services/license-plate/romanise.js';
import { rectangles } from '../results.js';
import { TWO_LINES } from './plates.js';

const CANVAS = { widthPx: 800, heightPx: 400, scale: 2 };

describe('license_plate: draw()', () => {
  it('draws each box, scaled as the picture is, with a label', () => {
    const [halo, box, label, ...others] = rectangles(draw({ prediction: [TWO_LINES] }, CANVAS));
    expect(others).toEqual([]);
    expect(halo).toMatchObject({ x: 200.8, y: 100, width: 239.2, height: 120 });
    expect(box).toMatchObject({ fill: 'none', stroke: '#3b82f6' });
    expect(label).toMatchObject({ x: 200.8, fill: '#3b82f6' });
  });

  it('writes what the font has letters for', () => {
    const widest = romanise('서울 12 가 3456');
    expect(widest).toBe('seoul 12 ga 3456');
    for (const letter of widest.replaceAll(' ', '')) {
      expect(textPath(letter, { x: 0, y: 0, heightPx: 6 })).not.toBe('');
    }
  });

  it('says so where there is no plate', () => {
    expect(rectangles(draw({ prediction: [] }, CANVAS))).toMatchObject([{ x: 0, width: 800, fill: '#374151' }]);
  });
});

describe('license_plate: romanise()', () => {
  it.each([
    ['경기', 'gyeonggi'],
    ['부산', 'busan'],
    ['대구', 'daegu'],
    ['충북', 'chungbuk'],
    ['하허호', 'haheoho'],
    ['힣', 'hit'],
    ['12A', '12A'],
  ])('writes %s as %s', (hangul, latin) => {
    expect(romanise(hangul)).toBe(latin);
  });
});
