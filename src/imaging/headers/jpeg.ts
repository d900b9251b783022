import type { SizeReader } from './size-reader.js';

/** Start-of-frame markers, ITU-T T.81 table B.1: 0xC0 to 0xCF but DHT, JPG and DAC. */
export const isStartOfFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
/** TEM and RST0 to RST7 stand alone, without a length. */
const isStandalone = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
/** Each marker begins with this byte, which may be repeated. */
const FILL = 0xff;
export const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;

/**
 * Colour profile, EXIF and XMP take some hundreds of segments at most, and this many full ones (64 KiB) would be 256 MiB;
 * without a bound, markers throughout the bytes would keep the event loop for long. A repeated 0xFF counts as one.
 */
const MAX_MARKERS = 4096;

/**
 * Goes from marker to marker, as decoders do, until `visit` returns true, which it has to by the start of the scan; `at`
 * is where the marker's segment begins, with its length.
 * @throws RangeError when there is no such marker
 */
export function walkSegments(bytes: Buffer, visit: (marker: number, at: number) => boolean): void {
  let at = 2;
  for (let markers = 0; markers < MAX_MARKERS; markers++) {
    // Decoders pass over what stands between segments, and over repeated 0xFF.
    if (bytes[at] !== FILL) at = bytes.indexOf(FILL, at);
    if (at < 0) break;
    const marker = bytes.readUInt8(at + 1);
    if (visit(marker, at + 2)) return;
    if (marker === START_OF_SCAN || marker === END_OF_IMAGE) break;
    if (marker === FILL) at += 1;
    else at += marker === 0 || isStandalone(marker) ? 2 : 2 + bytes.readUInt16BE(at + 2);
  }
  throw new RangeError('the header ends early');
}

/** Goes from marker to marker until the frame header. */
export const readJpegSize: SizeReader = (bytes) => {
  let size = { widthPx: 0, heightPx: 0 };
  walkSegments(bytes, (marker, at) => {
    if (!isStartOfFrame(marker)) return false;
    size = { heightPx: bytes.readUInt16BE(at + 3), widthPx: bytes.readUInt16BE(at + 5) };
    return true;
  });
  return size;
};
