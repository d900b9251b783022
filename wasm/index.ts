/**
 * The pixel kernels: what is done to every pixel of a picture, compiled to WebAssembly with 128-bit SIMD.
 *
 * No allocator and no garbage: the host lays out the memory and hands over addresses (src/imaging/pixel-kernels.ts).
 */
export { roundUp } from './memory';
