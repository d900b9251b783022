import type { SizeReader } from './size-reader.js';

/** Start-of-frame markers, ITU-T T.81 table B.1: 0xC0 to 0xCF but DHT, JPG and DAC. */
const isStartOfFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
/** TEM and RST0 to RST7 stand alone, without a length. */
const isStandalone = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;

/** Goes from marker to marker until the frame header, as decoders do. */
export const readJpegSize: SizeReader = (bytes) => {
  let at = 2;
  for (;;) {
    // Decoders pass over what stands between segments, and over repeated 0xFF.
    at = bytes.indexOf(0xff, at);
    if (at < 0) throw new RangeError('no frame header');
    while (bytes.readUInt8(at + 1) === 0xff) at++;
    const marker = bytes.readUInt8(at + 1);
    if (isStartOfFrame(marker)) return { heightPx: bytes.readUInt16BE(at + 5), widthPx: bytes.readUInt16BE(at + 7) };
    if (marker === START_OF_SCAN || marker === END_OF_IMAGE) throw new RangeError('no frame header before the scan');
    at += marker === 0 || isStandalone(marker) ? 2 : 2 + bytes.readUInt16BE(at + 2);
  }
};
