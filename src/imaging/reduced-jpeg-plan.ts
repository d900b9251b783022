import { copyInPhase, PHASE_BYTES } from './copy-in-phase.js';
import type { JpegFrame } from './headers/jpeg-frame.js';
import type { PixelKernels } from './pixel-kernels.js';
import {
  createPlane,
  type Plane,
  planeSize,
  type ScaledComponent,
  scaleComponent,
  storeInts,
  unitsOf,
  wholePlaneBytes,
} from './reduced-jpeg-planes.js';
import { type ComponentTables, createTables, MAX_TABLES_BYTES } from './reduced-jpeg-tables.js';

/** What is to be decoded. */
export interface ReducedJpegInput {
  readonly bytes: Uint8Array;
  readonly frame: JpegFrame;
  /** 2, 4 or 8. */
  readonly reduction: number;
}

/** A decoding whose memory is laid out; addresses are those of the kernels' memory. */
export interface ReducedJpegPlan {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Where the picture's pixels are to be written. */
  readonly address: number;
  /** What `decodeScan` takes. */
  readonly scan: number;
  /** Of each component, the plane that its blocks are decoded to. */
  readonly planes: readonly { readonly plane: Plane; readonly scaled: ScaledComponent }[];
}

/** The marker that the kernels stop at, EOI, wherever the bytes end. */
const SENTINEL = Uint8Array.of(0xff, 0xd9);
/** How far the kernels load beyond the marker. */
const LOAD_BYTES = 16;
/** How far a block is read beyond the end of the stream, and what is written below it, rounded up (wasm/jpeg). */
const OVERRUN_BYTES = 512;
/** How far pixels are written beyond the end of the picture (wasm/jpeg/colour.ts). */
const INTERLEAVE_BYTES = 48;
/** More than the structures for the kernels take. */
const MAX_STRUCTURES_BYTES = 2048;
const INT_BYTES = 4;
/** The kernels' class Scan: its fields, and which of them is the first component's last DC coefficient. */
const SCAN_INTS = 10;
const LAST_DC_INT = 5;

/**
 * Lays out the memory of a decoding and fills its tables; undefined when it does not fit, or when a component would
 * have to be enlarged by a fraction.
 */
export function planReducedJpeg(kernels: PixelKernels, input: ReducedJpegInput): ReducedJpegPlan | undefined {
  const { bytes, frame, reduction } = input;
  const components = frame.components.map((component) => scaleComponent(frame, component, 8 / reduction));
  if (!components.every(({ repeatX, repeatY }) => Number.isInteger(repeatX) && Number.isInteger(repeatY))) {
    return undefined;
  }
  const widthPx = Math.ceil(frame.widthPx / reduction);
  const heightPx = Math.ceil(frame.heightPx / reduction);
  if (!kernels.hasRoom(neededBytes(input, components, { widthPx, heightPx }))) return undefined;

  const source = storeSource(kernels, bytes);
  const tablesOf = createTables(kernels, source);
  const scan = kernels.scratch(SCAN_INTS * INT_BYTES);
  const planes = components.map((scaled) => ({ scaled, plane: createPlane(kernels, frame, scaled) }));
  const blocks: number[] = [];
  planes.forEach(({ scaled, plane }, i) => {
    const lastDc = scan + (LAST_DC_INT + i) * INT_BYTES;
    pushBlocks(blocks, { scaled, plane, tables: tablesOf(scaled), lastDc });
  });
  const firstBlock = storeInts(kernels, blocks);
  const endOfBlocks = firstBlock + blocks.length * INT_BYTES;
  const top = kernels.scratch(bytes.length + OVERRUN_BYTES) + bytes.length + OVERRUN_BYTES;
  const { perRow, rows } = unitsOf(frame);
  const interval = frame.restartInterval === 0 ? perRow * rows : frame.restartInterval;
  const fields = [source + frame.scanAt, top, perRow, rows, interval, 0, 0, 0, firstBlock, endOfBlocks];
  kernels.views().ints.set(fields, scan / INT_BYTES);
  return { widthPx, heightPx, address: kernels.scratch(widthPx * heightPx * 3 + INTERLEAVE_BYTES), scan, planes };
}

/** At least what is taken of the kernels' memory, planes of the picture's size included. */
function neededBytes(
  { bytes, frame }: ReducedJpegInput,
  components: readonly ScaledComponent[],
  size: { widthPx: number; heightPx: number },
): number {
  const ofPlanes = components.map((scaled) => planeSize(frame, scaled).byteLength + wholePlaneBytes(size));
  const ofPixels = sum(ofPlanes) + size.widthPx * size.heightPx * 3 + INTERLEAVE_BYTES;
  return bytes.length + sourceBytes(bytes) + OVERRUN_BYTES + MAX_TABLES_BYTES + MAX_STRUCTURES_BYTES + ofPixels;
}

/** What `storeSource` takes of the kernels' memory. */
export function sourceBytes(bytes: Uint8Array): number {
  return bytes.length + PHASE_BYTES + SENTINEL.length + LOAD_BYTES;
}

/** Copies the bytes, with a marker behind them, so that the kernels need not look where they end. */
export function storeSource(kernels: PixelKernels, bytes: Uint8Array): number {
  const room = kernels.scratch(sourceBytes(bytes));
  const { buffer } = kernels.memory;
  const { byteOffset } = copyInPhase(bytes, new Uint8Array(buffer, room, sourceBytes(bytes)));
  kernels.views().bytes.set(SENTINEL, byteOffset + bytes.length);
  return byteOffset;
}

interface BlocksOf {
  readonly scaled: ScaledComponent;
  readonly plane: Plane;
  readonly tables: ComponentTables;
  readonly lastDc: number;
}

/** Adds a component's blocks of a unit, in the order of the kernels' class Block. */
function pushBlocks(blocks: number[], { scaled, plane, tables, lastDc }: BlocksOf): void {
  const { size, component } = scaled;
  const { data, stride } = plane;
  const { dcTable, acTable, fastTable, basis } = tables;
  const step = component.across * size;
  const rowStep = stride * component.down * size;
  for (let y = 0; y < component.down; y++) {
    for (let x = 0; x < component.across; x++) {
      const target = data + y * size * stride + x * size;
      // The last field is the kernels' own.
      blocks.push(size, dcTable, acTable, fastTable, basis, lastDc, target, step, stride, rowStep, 0);
    }
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
