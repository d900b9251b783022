import { readFileSync } from 'node:fs';

/** The compiled kernels: `node scripts/build-wasm.mjs` makes them of wasm/. */
const MODULE = new URL('../../dist/wasm/pixels.wasm', import.meta.url);

/** What WebAssembly's memory grows by (WebAssembly Core Specification 2.0, 4.2.8). */
const PAGE_BYTES = 65_536;

/** 128-bit loads and stores are fastest where they cross no line of the cache. */
const ALIGNMENT_BYTES = 16;

/**
 * The most scratch memory of a thread, which it keeps once it has grown to that: a compressed picture of 10 MB twice
 * over and what 20 megapixels make at a scale of 1/2, both with room to spare.
 */
export const MAX_SCRATCH_BYTES = 64 * 1024 * 1024;

/** What the kernels export (wasm/index.ts); addresses are bytes from the beginning of their memory. */
export interface KernelExports {
  readonly memory: KernelMemory;
  /** The first address behind the kernels' own constants. */
  readonly heapBase: () => number;
}

/** `WebAssembly.Memory`; its buffer is another one after each growth, so views are to be made late. */
export interface KernelMemory {
  readonly buffer: ArrayBuffer;
  readonly grow: (pages: number) => number;
}

/** The kernels of a thread and their memory, which holds one job at a time. */
export interface PixelKernels {
  readonly exports: KernelExports;
  readonly memory: KernelMemory;
  /** Forgets all scratch memory; to be called at the beginning of each job. */
  readonly reset: () => void;
  /** Whether so many bytes more are within `MAX_SCRATCH_BYTES`. */
  readonly hasRoom: (byteLength: number) => boolean;
  /**
   * The address, a multiple of 16, of memory that is the job's own until `reset`; what it holds at first is left over.
   * Memory may grow, so views that were made before are not to be used any more.
   * @throws RangeError when there is no room for so much
   */
  readonly scratch: (byteLength: number) => number;
}

/** Node has WebAssembly, its types have not. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

let ofThisThread: PixelKernels | undefined;

/** The kernels of the thread that calls, compiled and given memory by the first call. */
export function pixelKernels(): PixelKernels {
  ofThisThread ??= createPixelKernels();
  return ofThisThread;
}

/** Kernels with memory of their own, for tests. */
export function createPixelKernels(): PixelKernels {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(MODULE)));
  const exports = instance.exports as KernelExports;
  const { memory } = exports;
  const base = aligned(exports.heapBase());
  let end = base;

  const hasRoom = (byteLength: number) => end - base + aligned(byteLength) <= MAX_SCRATCH_BYTES;
  return {
    exports,
    memory,
    hasRoom,
    reset() {
      end = base;
    },
    scratch(byteLength) {
      if (!hasRoom(byteLength)) throw new RangeError(`${byteLength} bytes of scratch memory are more than is left`);
      const address = end;
      end += aligned(byteLength);
      const missing = end - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
      return address;
    },
  };
}

function aligned(address: number): number {
  return Math.ceil(address / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}
