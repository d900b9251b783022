import { ClientError, type Attributions } from '../../../../client/src/index.js';
import { draw, drawBeside } from '../../../../client/src/services/mnist/overlay.js';
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
  it('writes the digit on a banner', () => {
    const canvas = { widthPx: 400, heightPx: 400, scale: 1 };
    const banner = { x: 0, width: 400, fill: '#374151' };
    expect(rectangles(draw({ prediction: 2, explanation: MAP }, canvas))).toMatchObject([banner]);
  });
});

describe('mnist: drawBeside()', () => {
  it('lays the map over a square, red for the digit and blue against it', () => {
    const heat = rectangles(drawBeside({ prediction: 2, explanation: MAP }, 400) ?? '');
    expect(heat).toHaveLength(6);
    const cell = { width: 100, height: 100 };
    expect(heat).toContainEqual(expect.objectContaining({ ...cell, x: 200, y: 100, fill: '#dc2626', opacity: '1.00' }));
    expect(heat).toContainEqual(expect.objectContaining({ ...cell, x: 300, y: 0, fill: '#2563eb', opacity: '0.50' }));
  });

  it('draws nothing where nothing is explained', () => {
    expect(drawBeside({ prediction: 2 }, 400)).toBeUndefined();
  });
});
