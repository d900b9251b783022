/** How an APP1 segment of EXIF begins (EXIF 2.32, 4.7.2). */
const EXIF = Buffer.from('Exif\0\0', 'latin1');
/** The tag of the orientation, and its type SHORT, of which there is one (EXIF 2.32, 4.6.4). */
const ORIENTATION = 0x0112;
const SHORT = 3;
const ENTRY_BYTES = 12;

/** How the rows and columns of a picture as stored lie: 1 to 8 as EXIF numbers them; 1 is upright. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/**
 * The orientation that an APP1 segment of a JPEG tells; undefined when it is of another kind, tells none, or is damaged,
 * which decoders pass over as well.
 * @param segment without its marker and length
 */
export function readExifOrientation(segment: Buffer): Orientation | undefined {
  if (!segment.subarray(0, EXIF.length).equals(EXIF)) return undefined;
  try {
    return orientationOf(segment.subarray(EXIF.length));
  } catch {
    // A RangeError of Buffer's: the directory goes beyond the segment's end.
    return undefined;
  }
}

function orientationOf(tiff: Buffer): Orientation | undefined {
  const isLittleEndian = tiff.toString('latin1', 0, 2) === 'II';
  const u16 = (at: number) => (isLittleEndian ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = isLittleEndian ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  const entries = u16(directory);
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + i * ENTRY_BYTES;
    if (u16(at) !== ORIENTATION || u16(at + 2) !== SHORT) continue;
    const value = u16(at + 8);
    return value >= 1 && value <= 8 ? (value as Orientation) : undefined;
  }
  return undefined;
}
