import { nearMatch } from '../../../../src/predictor/triton/models/near-match.js';

describe('nearMatch()', () => {
  it.each([
    ['image', 'IMAGE'],
    ['IMGE', 'IMAGE'],
    ['IMAGES', 'IMAGE'],
    ['IMAEG', 'IMAGE'],
    ['TEX', 'TEXT'],
    ['INPUT1', 'INPUT0'],
  ])('takes %s for a slip of %s', (name, meant) => {
    expect(nearMatch(name, ['IMAGE', 'TEXT', 'INPUT0'])).toBe(meant);
  });

  it('prefers the nearest', () => {
    expect(nearMatch('INPUT2x', ['INPUT0', 'INPUT2'])).toBe('INPUT2');
  });

  it.each([['PICTURE'], [''], ['IM'], ['IMAGE_TENSOR']])('knows nothing near %j', (name) => {
    expect(nearMatch(name, ['IMAGE', 'TEXT'])).toBeUndefined();
  });

  it('does not take one letter for another', () => {
    expect(nearMatch('y', ['x'])).toBeUndefined();
    expect(nearMatch('X', ['x'])).toBe('x');
  });
});
