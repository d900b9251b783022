import { createPixelKernels, MAX_SCRATCH_BYTES, pixelKernels } from '../../src/imaging/pixel-kernels.js';

describe('createPixelKernels()', () => {
  it('gives pieces of memory that do not overlap, at multiples of 16', () => {
    const kernels = createPixelKernels();
    const addresses = [1, 16, 17, 5].map((byteLength) => kernels.scratch(byteLength));
    const base = kernels.exports.heapBase();
    expect(addresses.every((address) => address % 16 === 0 && address >= base)).toBe(true);
    expect(addresses.map((address) => address - (addresses[0] ?? NaN))).toEqual([0, 16, 32, 64]);
  });

  it('gives the same memory again after a reset', () => {
    const kernels = createPixelKernels();
    const first = kernels.scratch(100);
    kernels.scratch(100);
    kernels.reset();
    expect(kernels.scratch(100)).toBe(first);
  });

  it('grows the memory to what was asked for', () => {
    const kernels = createPixelKernels();
    const address = kernels.scratch(5_000_000);
    expect(kernels.memory.buffer.byteLength).toBeGreaterThanOrEqual(address + 5_000_000);
    expect(kernels.memory.buffer.byteLength).toBeLessThan(address + 5_000_000 + 2 * 65_536);
  });

  it('has views of the whole memory, also when it has grown', () => {
    const kernels = createPixelKernels();
    const before = kernels.views();
    const address = kernels.scratch(1_000_000);
    const { bytes, ints } = kernels.views();
    expect(before.bytes).toHaveLength(0);
    expect(bytes).toHaveLength(kernels.memory.buffer.byteLength);
    ints[address / 4] = 0x01020304;
    expect([...bytes.subarray(address, address + 4)]).toEqual([4, 3, 2, 1]);
  });

  it('gives as much as its bound and not a byte more', () => {
    const kernels = createPixelKernels();
    expect(kernels.hasRoom(MAX_SCRATCH_BYTES)).toBe(true);
    expect(kernels.hasRoom(MAX_SCRATCH_BYTES + 1)).toBe(false);
    kernels.scratch(MAX_SCRATCH_BYTES - 16);
    expect(kernels.hasRoom(16)).toBe(true);
    expect(() => kernels.scratch(17)).toThrow(new RangeError('17 bytes of scratch memory are more than is left'));
  });
});

describe('pixelKernels()', () => {
  it('makes the kernels of a thread once', () => {
    expect(pixelKernels()).toBe(pixelKernels());
  });
});
