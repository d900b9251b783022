import { sizeClass } from '../../../../src/predictor/triton/shared-memory/region-pool.js';

const KIB = 1024;

describe('sizeClass()', () => {
  it.each([
    [1, 64 * KIB],
    [64 * KIB, 64 * KIB],
    [64 * KIB + 1, 80 * KIB],
    [80 * KIB, 80 * KIB],
    [112 * KIB + 1, 128 * KIB],
    [128 * KIB, 128 * KIB],
    [1_228_800 * 4, 5 * 1024 * KIB],
    [2 ** 33 + 1, 2 ** 33 * 1.25],
  ])('takes %i bytes for %i', (byteSize, expected) => {
    expect(sizeClass(byteSize)).toBe(expected);
  });

  it('takes whole pages, and at most a quarter more than is needed', () => {
    for (let byteSize = 64 * KIB; byteSize < 2 ** 30; byteSize = Math.ceil(byteSize * 1.07)) {
      const size = sizeClass(byteSize);
      expect(size % 4096).toBe(0);
      expect(size).toBeGreaterThanOrEqual(byteSize);
      expect(size).toBeLessThanOrEqual(byteSize * 1.25 + 1);
    }
  });
});
