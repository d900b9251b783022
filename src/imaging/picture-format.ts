/** The picture formats that are accepted, and their names in messages. */
export const FORMAT_NAMES = {
  jpeg: 'JPEG',
  png: 'PNG',
  webp: 'WebP',
  gif: 'GIF',
  tiff: 'TIFF',
  avif: 'AVIF',
} as const;

/** The media types of the accepted formats. */
export const PICTURE_MEDIA_TYPES: readonly string[] = Object.keys(FORMAT_NAMES).map((format) => `image/${format}`);

/** An accepted picture format. */
export type PictureFormat = keyof typeof FORMAT_NAMES;

/** Enough for an XML declaration and a doctype in front of `<svg`. */
const TEXT_PROBE_BYTES = 1024;

/** A signature is looked for in the first bytes, one character a byte (Latin-1). */
const SIGNATURES: Record<PictureFormat, RegExp> = {
  jpeg: /^\xff\xd8\xff/,
  png: /^\x89PNG\r\n[^]\n/,
  webp: /^RIFF[^]{4}WEBP/,
  gif: /^GIF8[79]a/,
  tiff: /^(II\*\0|MM\0\*)/,
  // ISO/IEC 23008-12: major brand, minor version, compatible brands
  avif: /^[^]{4}ftyp(avi[fs]|(mif1|msf1|miaf)[^]{4}([^]{4}){0,16}?avi[fs])/,
};

/** What else clients send, so that the message can name it. */
const FOREIGN_SIGNATURES = {
  BigTIFF: /^(II\+\0|MM\0\+)/,
  HEIC: /^[^]{4}ftyp(hei[cxms]|hev[cxms]|mif1|msf1)/,
  PDF: /^%PDF-/,
  SVG: /^[^]{0,1000}?<svg[\s>]/i,
  HTML: /^\s*<(!doctype html|html)/i,
  JSON: /^\s*[{[]/,
  BMP: /^BM[^]{4}\0\0\0\0/,
  'JPEG XL': /^(\xff\n|\0\0\0\fJXL )/,
  'JPEG 2000': /^(\xff\x4f\xff\x51|\0\0\0\fjP {2})/,
  Photoshop: /^8BPS/,
} as const satisfies Record<string, RegExp>;

/** The format that the first bytes tell, or undefined when it is none of the accepted ones. */
export function detectFormat(bytes: Uint8Array): PictureFormat | undefined {
  return firstMatch(SIGNATURES, probe(bytes));
}

/** The name of a well-known format that is not accepted, or undefined when the bytes look like nothing known. */
export function detectForeignFormat(bytes: Uint8Array): string | undefined {
  return firstMatch(FOREIGN_SIGNATURES, probe(bytes));
}

function probe(bytes: Uint8Array): string {
  const length = Math.min(bytes.length, TEXT_PROBE_BYTES);
  return Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1');
}

function firstMatch<Name extends string>(signatures: Record<Name, RegExp>, text: string): Name | undefined {
  return (Object.keys(signatures) as Name[]).find((name) => signatures[name].test(text));
}
