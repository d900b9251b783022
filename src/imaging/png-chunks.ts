import { crc32 } from 'node:zlib';

/** What stands before the first chunk (ISO/IEC 15948, 5.2). */
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A chunk's length and type before its content, and its checksum behind it (5.3). */
const HEAD_BYTES = 8;
const CHECKSUM_BYTES = 4;

/** The header's content (11.2.2). */
const HEADER_BYTES = 13;

/** What one byte of the palette's content may be at most: 256 colours of 3 bytes (11.2.3). */
const MAX_PALETTE_BYTES = 768;

/** Types of chunks that a decoder need not know: the first letter is lower case, the third upper case (5.4). */
const NEEDLESS = /^[a-z][A-Za-z][A-Z][A-Za-z]$/;

/** Colour types (11.2.2). */
export const COLOUR_TYPES = { grey: 0, rgb: 2, palette: 3, greyAlpha: 4, rgba: 6 } as const;

/** Bits of a sample that each colour type may have (table 11.1), without 16. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  [COLOUR_TYPES.grey]: [1, 2, 4, 8],
  [COLOUR_TYPES.rgb]: [8],
  [COLOUR_TYPES.palette]: [1, 2, 4, 8],
  [COLOUR_TYPES.greyAlpha]: [8],
  [COLOUR_TYPES.rgba]: [8],
};

/** What a PNG's chunks say. */
export interface PngChunks {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Bits of a sample. */
  readonly depth: number;
  readonly colourType: number;
  /** Content of PLTE: red, green, blue of each colour; empty where there is none. */
  readonly palette: Uint8Array;
  /** Content of tRNS: alphas of the first colours of the palette, or the grey or colour that is transparent. */
  readonly transparency: Uint8Array | undefined;
  /** Contents of IDAT, in their order: parts of one stream. */
  readonly data: readonly Uint8Array[];
}

/** Chunks as they are collected. */
interface Collected {
  header?: Pick<PngChunks, 'widthPx' | 'heightPx' | 'depth' | 'colourType'>;
  palette?: Buffer;
  transparency?: Buffer;
  readonly data: Buffer[];
  /** Whether another chunk came after the data. */
  isDataOver: boolean;
}

/** Takes a chunk that changes the picture; false when it is out of place, or such that libvips has to judge it. */
const COLLECTORS: Readonly<Record<string, (chunks: Collected, content: Buffer) => boolean>> = {
  IHDR: (chunks, content) => {
    const header = chunks.header === undefined ? readHeader(content) : undefined;
    if (header === undefined) return false;
    chunks.header = header;
    return true;
  },
  PLTE: (chunks, content) => {
    const isInPlace = chunks.palette === undefined && chunks.transparency === undefined && chunks.data.length === 0;
    chunks.palette = content;
    return isInPlace && content.length > 0 && content.length % 3 === 0 && content.length <= MAX_PALETTE_BYTES;
  },
  tRNS: (chunks, content) => {
    const isInPlace = chunks.transparency === undefined && chunks.data.length === 0;
    chunks.transparency = content;
    return isInPlace;
  },
  // An orientation.
  eXIf: () => false,
  IDAT: (chunks, content) => {
    chunks.data.push(content);
    return !chunks.isDataOver;
  },
};

/**
 * Reads the chunks of a PNG that is not interlaced, of at most 8 bits a sample; contents stay where they are.
 *
 * Chunks that a decoder need not know are passed over, as libvips does: none of those changes the pixels that come of
 * it, gAMA, iCCP and cICP included.
 * @returns undefined for other kinds, and when a chunk is missing, out of place, damaged, or unknown but important
 */
export function readPngChunks(bytes: Buffer): PngChunks | undefined {
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return undefined;
  const chunks: Collected = { data: [], isDataOver: false };
  for (let at = SIGNATURE.length; at + HEAD_BYTES + CHECKSUM_BYTES <= bytes.length;) {
    const from = at + HEAD_BYTES;
    const to = from + bytes.readUInt32BE(at);
    if (to + CHECKSUM_BYTES > bytes.length) return undefined;
    if (crc32(bytes.subarray(at + 4, to)) !== bytes.readUInt32BE(to)) return undefined;
    const type = bytes.toString('latin1', at + 4, from);
    // The first chunk is the header.
    if (chunks.header === undefined && type !== 'IHDR') return undefined;
    if (type === 'IEND') return finished(chunks);
    if (!collect(chunks, type, bytes.subarray(from, to))) return undefined;
    at = to + CHECKSUM_BYTES;
  }
  return undefined;
}

function collect(chunks: Collected, type: string, content: Buffer): boolean {
  if (type !== 'IDAT' && chunks.data.length > 0) chunks.isDataOver = true;
  return COLLECTORS[type]?.(chunks, content) ?? NEEDLESS.test(type);
}

function finished({ header, palette = Buffer.alloc(0), transparency, data }: Collected): PngChunks | undefined {
  if (header === undefined || data.length === 0) return undefined;
  return { ...header, palette, transparency, data };
}

/** Undefined for what is not decoded here. */
function readHeader(content: Buffer): Collected['header'] | undefined {
  if (content.length !== HEADER_BYTES) return undefined;
  const [depth = 0, colourType = 0, compression, filter, interlace] = content.subarray(8);
  const isPlain = compression === 0 && filter === 0 && interlace === 0;
  if (!isPlain || DEPTHS[colourType]?.includes(depth) !== true) return undefined;
  return { widthPx: content.readUInt32BE(0), heightPx: content.readUInt32BE(4), depth, colourType };
}
