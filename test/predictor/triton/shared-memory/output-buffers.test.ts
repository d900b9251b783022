import { createOutputBuffers } from '../../../../src/predictor/triton/shared-memory/output-buffers.js';

describe('createOutputBuffers()', () => {
  it('hands a buffer out again, to one at a time', () => {
    const buffers = createOutputBuffers(1000);
    const first = buffers.take(100);
    buffers.giveBack(first);
    expect(buffers.take(60)).toBe(first);
    expect(buffers.take(60)).not.toBe(first);
  });

  it.each([
    ['too small', 101],
    ['far too large', 49],
  ])('does not hand out one that is %s', (_, byteSize) => {
    const buffers = createOutputBuffers(1000);
    const first = buffers.take(100);
    buffers.giveBack(first);
    const second = buffers.take(byteSize);
    expect(second).not.toBe(first);
    expect(second.byteLength).toBeGreaterThanOrEqual(byteSize);
  });

  it('lets go of those that were longest of no use once results have another size', () => {
    const buffers = createOutputBuffers(1000);
    const small = Array.from({ length: 10 }, () => buffers.take(100));
    for (const buffer of small) buffers.giveBack(buffer);
    const large = buffers.take(500);
    buffers.giveBack(large);
    expect(buffers.take(500)).toBe(large);
    const kept = Array.from({ length: 10 }, () => buffers.take(100)).filter((buffer) => small.includes(buffer));
    expect(new Set(kept)).toEqual(new Set(small.slice(5)));
  });

  it('does not keep one that is larger than all that may be kept', () => {
    const buffers = createOutputBuffers(1000);
    const [kept, large] = [buffers.take(600), buffers.take(1001)];
    buffers.giveBack(kept);
    buffers.giveBack(large);
    expect(buffers.take(1001)).not.toBe(large);
    expect(buffers.take(600)).toBe(kept);
  });
});
