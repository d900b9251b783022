import { ClientError, type Attributions } from '../../../../client/src/index.js';
import { draw } from '../../../../client/src/services/mnist/overlay.js';
import { LEGEND, toBlocks } from '../../../../client/src/services/mnist/block-map.js';
import { print } from '../../../../client/src/services/mnist/print.js';
import { answered, failed, rectangles } from '../results.js';

const MAP: Attributions = [
  [
    [0, 1, 0, -1],
    [0, 0, 2, 0],
    [0.5, 0.2, 0, -2],
    [0, 0, 0, 0],
  ],
];

describe('mnist: print()', () => {
  it('has a digit per picture, and errors in their place', () => {
    const error = new ClientError('not a picture', { code: 'unprocessable' });
    expect(print([answered('a.png', 2), failed('b.png', error)])).toBe(
      [' file    digit', ' a.png   2', ' b.png   error: not a picture (unprocessable)'].join('\n'),
    );
  });

  it('prints maps below, with what their characters stand for', () => {
    expect(
      print([answered('a.png', 2, MAP)])
        .split('\n\n')
        .slice(1),
    ).toEqual([`a.png: why 2\n${toBlocks(MAP)}`, LEGEND]);
  });
});

describe('mnist: toBlocks()', () => {
  it('shows the stronger of two rows in a shade of its own sign', () => {
    expect(toBlocks(MAP)).toBe(['┌────┐', '│ ▒█-│', '│░  #│', '└────┘'].join('\n'));
  });

  it('is blank where nothing counts', () => {
    expect(toBlocks([[[0, 0]]])).toBe(['┌──┐', '│  │', '└──┘'].join('\n'));
  });
});

describe('mnist: draw()', () => {
  it('lays the map over the whole picture, red for the digit and blue against it', () => {
    const canvas = { widthPx: 400, heightPx: 800, scale: 1 };
    const heat = rectangles(draw({ prediction: 2, explanation: MAP }, canvas)).filter(({ opacity }) => opacity);
    expect(heat).toHaveLength(6);
    expect(heat).toContainEqual(
      expect.objectContaining({ x: 200, y: 200, width: 100, height: 200, fill: '#ef4444', opacity: '0.75' }),
    );
    expect(heat).toContainEqual(expect.objectContaining({ x: 300, y: 400, fill: '#3b82f6', opacity: '0.75' }));
  });

  it('writes the digit alone where nothing is explained', () => {
    const canvas = { widthPx: 400, heightPx: 400, scale: 1 };
    expect(rectangles(draw({ prediction: 2 }, canvas))).toMatchObject([{ x: 0, width: 400, fill: '#374151' }]);
  });
});
