import type { Orientation } from './headers/exif-orientation.js';
import { type JpegFrame, readJpegFrame } from './headers/jpeg-frame.js';
import type { Picture } from './picture.js';
import type { PixelKernels } from './pixel-kernels.js';
import { sourceBytes, storeSource } from './reduced-jpeg-plan.js';

/** A picture as stored, not turned upright yet, on the kernels' memory: valid until their next job. */
interface FullPicture extends Picture {
  /** Where `data` begins in the kernels' memory. */
  readonly address: number;
  readonly orientation: Orientation;
}

/** A JPEG that is decoded row by row, as stored, by a job of the kernels that goes on with the rows. */
export interface JpegRows {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly orientation: Orientation;
  /** The most rows that `next` gives. */
  readonly maxRows: number;
  /**
   * Decodes the next rows, up to 33: a row of JPEG's blocks.
   * @param layout.address in the kernels' memory: where they go, with room for `maxRows` of them and 49 bytes more
   * @param layout.stride bytes from row to row, at least 3 for each pixel
   * @param layout.planeBytes for red, green and blue apart: bytes from a row's red to its green and from that to its blue,
   * at least 15 more than there are pixels in a row; else pixels are interleaved
   * @returns how many there are: 0 when all have been given; undefined when the picture is not as it should be
   */
  readonly next: (layout: RowsLayout) => number | undefined;
}

/** Where decoded rows go. */
interface RowsLayout {
  readonly address: number;
  readonly stride: number;
  readonly planeBytes?: number;
}

/**
 * Decodes JPEG pictures at full size, to the very pixels of libjpeg-turbo as libvips, Pillow and OpenCV use it: accurate
 * inverse DCT (JDCT_ISLOW), "fancy" upsampling.
 *
 * What is not a whole and orderly picture is left to a library, which knows what to tolerate: undefined for all but
 * baseline and extended sequential pictures of 8 bits and one scan, grey or of three components, and for those that take
 * more memory than the kernels have, are truncated, damaged, or hold stray bytes.
 */
export interface FullJpegDecoder {
  /** Decodes a whole picture, as a new job of the kernels. */
  readonly decode: (bytes: Uint8Array) => FullPicture | undefined;
  /** Begins to decode a picture within the kernels' job; whether its entropy-coded bytes are right is not known yet. */
  readonly open: (bytes: Uint8Array) => JpegRows | undefined;
}

/** How far rows are written beyond the end of the last one (wasm/jpeg-full/colour.ts). */
export const ROWS_OVERRUN_BYTES = 49;

/** What `next` calls bytes that are not as they should be. */
const DAMAGED = -1;

/** A decoder on kernels that it shares with what goes on with its pictures. */
export function createFullJpegDecoder(kernels: PixelKernels): FullJpegDecoder {
  const open = (bytes: Uint8Array): JpegRows | undefined => {
    const frame = frameOf(bytes);
    if (frame === undefined || !begin(kernels, bytes, frame)) return undefined;
    const { exports } = kernels;
    const { widthPx, heightPx, orientation } = frame;
    return {
      widthPx,
      heightPx,
      orientation,
      maxRows: exports.maxJpegRows(),
      next({ address, stride, planeBytes = 0 }) {
        const rows = exports.nextJpegRows(address, stride, planeBytes);
        return rows === DAMAGED ? undefined : rows;
      },
    };
  };

  return {
    open,
    decode(bytes) {
      kernels.reset();
      const rows = open(bytes);
      if (rows === undefined) return undefined;
      const { widthPx, heightPx, orientation } = rows;
      const stride = widthPx * 3;
      const byteLength = stride * heightPx;
      if (!kernels.hasRoom(byteLength + ROWS_OVERRUN_BYTES)) return undefined;
      const address = kernels.scratch(byteLength + ROWS_OVERRUN_BYTES);
      for (let y = 0; y < heightPx;) {
        const count = rows.next({ address: address + y * stride, stride });
        if (count === undefined) return undefined;
        y += count;
      }
      const data = new Uint8Array(kernels.memory.buffer, address, byteLength);
      return { widthPx, heightPx, data, address, orientation };
    },
  };
}

function frameOf(bytes: Uint8Array): JpegFrame | undefined {
  try {
    return readJpegFrame(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  } catch {
    // A RangeError: the header is truncated or damaged, of which the library is to tell.
    return undefined;
  }
}

/** Lays out the memory; false when the picture is not supported or does not fit. */
function begin(kernels: PixelKernels, bytes: Uint8Array, frame: JpegFrame): boolean {
  if (!kernels.hasRoom(sourceBytes(bytes))) return false;
  const { exports } = kernels;
  const source = storeSource(kernels, bytes);
  const areCodesAllowed = frame.components.every((component, i) => {
    const { across, down, quantisersAt, has16BitQuantisers, dcCodesAt, acCodesAt } = component;
    const [quantisers, dcCodes, acCodes] = [source + quantisersAt, source + dcCodesAt, source + acCodesAt];
    return exports.setJpegComponent(i, across, down, quantisers, Number(has16BitQuantisers), dcCodes, acCodes) !== 0;
  });
  if (!areCodesAllowed) return false;
  const { widthPx, heightPx, components, isYcc, restartInterval } = frame;
  const [scan, end] = [source + frame.scanAt, source + bytes.length];
  const free = kernels.scratch(0);
  const behind = exports.beginJpeg(
    widthPx,
    heightPx,
    components.length,
    Number(isYcc),
    restartInterval,
    scan,
    end,
    free,
  );
  if (behind === 0 || !kernels.hasRoom(behind - free)) return false;
  kernels.scratch(behind - free);
  return true;
}
