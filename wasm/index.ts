/**
 * The pixel kernels: what is done to every pixel of a picture, compiled to WebAssembly with 128-bit SIMD.
 *
 * No allocator and no garbage: the host lays out the memory and hands over addresses (src/imaging/pixel-kernels.ts).
 */
export { heapBase } from './memory';
export { buildBasis } from './jpeg/basis';
export { interleave, interleaveYcc } from './jpeg/colour';
export { buildSkipTable, buildTable, TABLE_BYTES } from './jpeg/huffman';
export { decodeScan } from './jpeg/scan';
export { doubleHeight, doubleWidth, repeatPixels } from './jpeg/upsample';
export {
  begin as beginJpeg,
  maxRows as maxJpegRows,
  nextRows as nextJpegRows,
  setComponent as setJpegComponent,
} from './jpeg-full/picture';
