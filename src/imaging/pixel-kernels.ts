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
interface KernelExports {
  readonly memory: KernelMemory;
  /** The first address behind the kernels' own constants. */
  readonly heapBase: () => number;
  readonly decodeBase64: (text: number, length: number, output: number) => number;
  /** Of PNG (wasm/png). */
  readonly inflate: (from: number, byteLength: number, to: number, expected: number) => number;
  readonly unfilterPng: (source: number, rowBytes: number, pixelBytes: number, count: number, output: number) => number;
  readonly greyToRgb: (source: number, count: number, output: number) => void;
  readonly greyAlphaToRgb: (source: number, count: number, output: number) => void;
  readonly rgbaToRgb: (source: number, count: number, output: number) => void;
  readonly whitenColour: (pixels: number, count: number, colour: number) => void;
  readonly paletteToRgb: (source: number, count: number, palette: number, output: number) => number;
  readonly unpackPixels: (source: number, widthPx: number, heightPx: number, depth: number, output: number) => void;
  readonly turn: (
    source: number,
    across: number,
    down: number,
    widthPx: number,
    heightPx: number,
    output: number,
  ) => void;
  readonly splitRow: (source: number, count: number, red: number, planeBytes: number) => void;
  readonly resizeRow: (red: number, planeBytes: number, taps: number, count: number, output: number) => void;
  readonly resizeColumns: (source: number, taps: number, count: number, length: number, output: number) => void;
  readonly addWeighted: (bytes: number, count: number, weight: number, sums: number) => void;
  readonly combineColumns: (
    sums: number,
    ends: number,
    sources: number,
    weights: number,
    count: number,
    layout: number,
    output: number,
  ) => void;
  /** Of reduced JPEG decoding; the structures that addresses lead to are told by reduced-jpeg-plan.ts. */
  readonly TABLE_BYTES: { readonly value: number };
  readonly PAIR_TABLE_BYTES: { readonly value: number };
  readonly SKIP_TABLE_BYTES: { readonly value: number };
  readonly buildTable: (table: number, counts: number, isDc: number) => void;
  readonly buildPairTable: (pairs: number, table: number) => void;
  readonly buildSkipTable: (skips: number, counts: number) => void;
  readonly buildBasis: (basis: number, size: number, quantisers: number, is16Bit: number) => void;
  readonly decodeScan: (scan: number) => number;
  readonly repeatPixels: (from: number, to: number, across: number, down: number) => void;
  readonly doubleWidth: (from: number, to: number) => void;
  readonly doubleHeight: (from: number, to: number) => void;
  readonly interleave: (planes: number, target: number) => void;
  readonly interleaveYcc: (planes: number, target: number) => void;
  /** Of full JPEG decoding (wasm/jpeg-full/picture.ts). */
  readonly setJpegComponent: (
    index: number,
    across: number,
    down: number,
    quantisers: number,
    is16Bit: number,
    dcCodes: number,
    acCodes: number,
  ) => number;
  readonly beginJpeg: (
    widthPx: number,
    heightPx: number,
    count: number,
    isYcc: number,
    restartInterval: number,
    scan: number,
    end: number,
    free: number,
  ) => number;
  readonly maxJpegRows: () => number;
  readonly nextJpegRows: (address: number, stride: number, planeBytes: number) => number;
}

/** `WebAssembly.Memory`; its buffer is another one after each growth, so views are to be made late. */
interface KernelMemory {
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
  /** The whole memory, until it grows: asking WebAssembly for its buffer takes a microsecond each time. */
  readonly views: () => { readonly bytes: Uint8Array; readonly ints: Int32Array };
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
  let views = viewsOf(memory);

  const hasRoom = (byteLength: number) => end - base + aligned(byteLength) <= MAX_SCRATCH_BYTES;
  return {
    exports,
    memory,
    hasRoom,
    views: () => views,
    reset() {
      end = base;
    },
    scratch(byteLength) {
      if (!hasRoom(byteLength)) throw new RangeError(`${byteLength} bytes of scratch memory are more than is left`);
      const address = end;
      end += aligned(byteLength);
      const missing = end - views.bytes.length;
      if (missing > 0) {
        memory.grow(Math.ceil(missing / PAGE_BYTES));
        views = viewsOf(memory);
      }
      return address;
    },
  };
}

/**
 * Puts a table or the like into the kernels' scratch memory.
 * @returns its address
 * @throws RangeError when there is no room for it
 */
export function placed(kernels: PixelKernels, { buffer, byteOffset, byteLength }: ArrayBufferView): number {
  const address = kernels.scratch(byteLength);
  kernels.views().bytes.set(new Uint8Array(buffer, byteOffset, byteLength), address);
  return address;
}

function viewsOf({ buffer }: KernelMemory) {
  return { bytes: new Uint8Array(buffer), ints: new Int32Array(buffer) };
}

function aligned(address: number): number {
  return Math.ceil(address / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}
