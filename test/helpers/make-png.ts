import { crc32, deflateSync } from 'node:zlib';

/** What stands before the first chunk of a PNG (ISO/IEC 15948, 5.2). */
export const PNG_SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** Samples of a pixel by the colour type (11.2.2): grey, RGB, palette, grey with alpha, RGBA. */
const PNG_CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** A chunk with its checksum (5.3). */
export function pngChunk(type: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(content.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

/** What a PNG is made of. */
export interface PngParts {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly colourType: number;
  readonly depth?: number;
  readonly interlace?: number;
  /** Unfiltered rows without padding. */
  readonly samples: Uint8Array;
  /** Of each row; by turns. */
  readonly filters?: readonly number[];
  /** Chunks between the header and the data. */
  readonly before?: readonly Buffer[];
  /** Between the data and the end. */
  readonly after?: readonly Buffer[];
  /** Makes IDAT's content of the filtered rows. */
  readonly compress?: (rows: Buffer) => Buffer;
  /** How many chunks the data are cut into. */
  readonly pieces?: number;
}

/** A PNG whose rows are filtered by the formulas of ISO/IEC 15948, 9.2. */
export function makePng(parts: PngParts): Buffer {
  const { before = [], after = [], compress = (rows: Buffer) => deflateSync(rows), pieces = 1 } = parts;
  const data = compress(filterRows(parts));
  const size = Math.ceil(data.length / pieces);
  return Buffer.concat([
    PNG_SIGNATURE,
    pngChunk('IHDR', pngHeader(parts)),
    ...before,
    ...Array.from({ length: pieces }, (_, i) => pngChunk('IDAT', data.subarray(i * size, (i + 1) * size))),
    ...after,
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** IHDR's content (11.2.2). */
export function pngHeader(parts: Omit<PngParts, 'samples'>): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(parts.widthPx, 0);
  header.writeUInt32BE(parts.heightPx, 4);
  header.set([parts.depth ?? 8, parts.colourType, 0, 0, parts.interlace ?? 0], 8);
  return header;
}

/** Bytes of a row, without that of its filter. */
export function pngRowBytes({ widthPx, colourType, depth = 8 }: Omit<PngParts, 'samples'>): number {
  return Math.ceil((widthPx * (PNG_CHANNELS[colourType] ?? 0) * depth) / 8);
}

function filterRows(parts: PngParts): Buffer {
  const { heightPx, colourType, depth = 8, samples, filters = [0] } = parts;
  const rowBytes = pngRowBytes(parts);
  const pixelBytes = Math.max(1, ((PNG_CHANNELS[colourType] ?? 0) * depth) / 8);
  const rows = Buffer.alloc((rowBytes + 1) * heightPx);
  for (let y = 0; y < heightPx; y++) {
    const filter = filters[y % filters.length] ?? 0;
    rows[y * (rowBytes + 1)] = filter;
    const at = (row: number, x: number) => (row < 0 || x < 0 ? 0 : (samples[row * rowBytes + x] ?? 0));
    for (let x = 0; x < rowBytes; x++) {
      const [left, top, corner] = [at(y, x - pixelBytes), at(y - 1, x), at(y - 1, x - pixelBytes)];
      const predicted = [0, left, top, (left + top) >> 1, paeth(left, top, corner)][filter] ?? 0;
      rows[y * (rowBytes + 1) + 1 + x] = at(y, x) - predicted;
    }
  }
  return rows;
}

function paeth(left: number, top: number, corner: number): number {
  const estimate = left + top - corner;
  const distances = [left, top, corner].map((value) => Math.abs(estimate - value));
  return [left, top, corner][distances.indexOf(Math.min(...distances))] ?? 0;
}

/** Writes the checksum of each chunk anew, so that what is wrong inside it shows. */
export function withRightChecksums(png: Buffer): Buffer {
  const mended = Buffer.from(png);
  for (let at = PNG_SIGNATURE.length; at + 12 <= mended.length;) {
    const to = at + 8 + mended.readUInt32BE(at);
    if (to + 4 > mended.length) break;
    mended.writeUInt32BE(crc32(mended.subarray(at + 4, to)), to);
    at = to + 4;
  }
  return mended;
}
