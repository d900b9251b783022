import { classColour, draw } from '../../../../client/src/services/helmet-detection/overlay.js';
import { rectangles } from '../results.js';

const CANVAS = { widthPx: 800, heightPx: 400, scale: 0.5 };
const detection = (label: string) => ({ x1: 0.25, y1: 0.5, x2: 0.5, y2: 0.75, confidence: 0.9, class: label });

describe('helmet_detection: draw()', () => {
  it('draws boxes that are shares of the picture, each with a label in the colour of its class', () => {
    const drawn = rectangles(draw({ prediction: [detection('helmet')] }, CANVAS));
    const box = { x: 200, y: 200, width: 200, height: 100, fill: 'none' };
    expect(drawn).toMatchObject([
      { ...box, stroke: '#000' },
      { ...box, stroke: '#22c55e' },
      { x: 200, fill: '#22c55e' },
    ]);
    const [, , label] = drawn;
    expect((label?.y ?? 0) + (label?.height ?? 0)).toBeCloseTo(200, 0);
  });

  it('says so where nothing was found', () => {
    expect(rectangles(draw({ prediction: [] }, CANVAS))).toMatchObject([{ x: 0, width: 800, fill: '#374151' }]);
  });
});

describe('helmet_detection: classColour()', () => {
  it('is green for a helmet, red for a head without, and another for others, always the same', () => {
    expect(['hat', 'helmet', 'person', 'head'].map(classColour)).toEqual(['#22c55e', '#22c55e', '#ef4444', '#ef4444']);
    for (const label of ['vest', 'constructor', '7', '']) {
      expect(classColour(label)).toMatch(/^#[0-9a-f]{6}$/);
      expect(['#22c55e', '#ef4444']).not.toContain(classColour(label));
      expect(classColour(label)).toBe(classColour(label));
    }
  });
});
