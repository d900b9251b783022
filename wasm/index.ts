/**
 * The pixel kernels: what is done to every pixel of a picture, compiled to WebAssembly with 128-bit SIMD.
 *
 * There is neither allocator nor garbage here: the host lays out the memory and hands over addresses
 * (src/imaging/pixel-kernels.ts).
 */
export { decodeBase64 } from './base64';
export { heapBase } from './memory';
export { inflate } from './png/inflate';
export { greyAlphaToRgb, greyToRgb, paletteToRgb, rgbaToRgb, unpackPixels, whitenColour } from './png/to-rgb';
export { unfilterPng } from './png/unfilter';
export { resizeColumns, resizeRow, splitRow } from './resize';
export { turn } from './turn';
export { addWeighted, combineColumns } from './upright';
export { buildBasis } from './jpeg/basis';
export { interleave, interleaveYcc } from './jpeg/colour';
export {
  buildPairTable,
  buildSkipTable,
  buildTable,
  PAIR_TABLE_BYTES,
  SKIP_TABLE_BYTES,
  TABLE_BYTES,
} from './jpeg/huffman';
export { decodeScan } from './jpeg/scan';
export { doubleHeight, doubleWidth, repeatPixels } from './jpeg/upsample';
export {
  begin as beginJpeg,
  maxRows as maxJpegRows,
  nextRows as nextJpegRows,
  setComponent as setJpegComponent,
} from './jpeg-full/picture';
