import type { SizeReader } from './size-reader.js';

interface Box {
  readonly type: string;
  readonly from: number;
  readonly to: number;
}

/** A full box begins with one byte of version and three of flags: ISO/IEC 14496-12, 4.2.2. */
const FULL_BOX_BYTES = 4;

/** A real file has some dozens in one box; without a bound, tiny boxes would keep the event loop for long. */
const MAX_CHILDREN = 4096;

/**
 * The largest of the sizes (`ispe`) that the file declares: that of the picture itself, since thumbnails, alpha planes
 * and the tiles of a grid are not larger (ISO/IEC 23008-12, 6.5.3). A crop (`clap`) makes the decoded picture smaller.
 */
export const readAvifSize: SizeReader = (bytes) => {
  const meta = child(bytes, { type: 'file', from: 0, to: bytes.length }, 'meta');
  const properties = child(bytes, { ...meta, from: meta.from + FULL_BOX_BYTES }, 'iprp');
  const container = child(bytes, properties, 'ipco');
  let largest = { widthPx: 0, heightPx: 0 };
  for (const box of children(bytes, container)) {
    if (box.type !== 'ispe') continue;
    const widthPx = bytes.readUInt32BE(box.from + FULL_BOX_BYTES);
    const heightPx = bytes.readUInt32BE(box.from + FULL_BOX_BYTES + 4);
    if (widthPx * heightPx > largest.widthPx * largest.heightPx) largest = { widthPx, heightPx };
  }
  return largest;
};

function child(bytes: Buffer, parent: Box, type: string): Box {
  for (const box of children(bytes, parent)) if (box.type === type) return box;
  throw new RangeError(`no box ${type}`);
}

/** The boxes inside a box: ISO/IEC 14496-12, 4.2. */
function* children(bytes: Buffer, { from, to }: Box): Generator<Box> {
  let count = 0;
  for (let at = from; at + 8 <= to;) {
    if (++count > MAX_CHILDREN) throw new RangeError(`more than ${MAX_CHILDREN} boxes in one`);
    const short = bytes.readUInt32BE(at);
    const headerBytes = short === 1 ? 16 : 8;
    // Size 1: a 64-bit size follows the type; size 0: up to the end.
    const size = short === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : short === 0 ? to - at : short;
    if (size < headerBytes) throw new RangeError(`a box of ${size} bytes`);
    const end = Math.min(at + size, to);
    yield { type: bytes.toString('latin1', at + 4, at + 8), from: at + headerBytes, to: end };
    at = end;
  }
}
