/**
 * Makes RGB of the kinds of pixels that PNG has (ISO/IEC 15948, 6.1), with alpha laid on white as libvips does it:
 * 255 - alpha + ⌊value · alpha / 255⌋.
 *
 * All of it reads up to 15 bytes beyond its source, and writes up to 47 beyond its output.
 */

/** Grey to RGB. */
export function greyToRgb(source: usize, count: usize, output: usize): void {
  const end = source + count;
  for (; source < end; source += 16) {
    const grey = v128.load(source);
    v128.store(output, i8x16.swizzle(grey, i8x16(0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5)));
    v128.store(output + 16, i8x16.swizzle(grey, i8x16(5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10)));
    v128.store(output + 32, i8x16.swizzle(grey, i8x16(10, 11, 11, 11, 12, 12, 12, 13, 13, 13, 14, 14, 14, 15, 15, 15)));
    output += 48;
  }
}

/** Grey with alpha to RGB. */
export function greyAlphaToRgb(source: usize, count: usize, output: usize): void {
  const end = source + 2 * count;
  for (; source < end; source += 16) {
    const pixels = v128.load(source);
    const alpha = i8x16.swizzle(pixels, i8x16(1, 1, 3, 3, 5, 5, 7, 7, 9, 9, 11, 11, 13, 13, 15, 15));
    const grey = onWhite(pixels, alpha);
    v128.store(output, i8x16.swizzle(grey, i8x16(0, 0, 0, 2, 2, 2, 4, 4, 4, 6, 6, 6, 8, 8, 8, 10)));
    v128.store64_lane(
      output + 16,
      i8x16.swizzle(grey, i8x16(10, 10, 12, 12, 12, 14, 14, 14, 0, 0, 0, 0, 0, 0, 0, 0)),
      0,
    );
    output += 24;
  }
}

/** RGBA to RGB; the output may be where the source is. */
export function rgbaToRgb(source: usize, count: usize, output: usize): void {
  const end = source + 4 * count;
  for (; source < end; source += 16) {
    const pixels = v128.load(source);
    const alpha = i8x16.swizzle(pixels, i8x16(3, 3, 3, 3, 7, 7, 7, 7, 11, 11, 11, 11, 15, 15, 15, 15));
    // Most pictures are opaque almost everywhere.
    const colours = i8x16.all_true(i8x16.eq(alpha, i8x16.splat(-1))) ? pixels : onWhite(pixels, alpha);
    v128.store(output, i8x16.swizzle(colours, i8x16(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 0, 0, 0, 0)));
    output += 12;
  }
}

/** RGB in which one colour is transparent, where it lies. */
export function whitenColour(pixels: usize, count: usize, colour: u32): void {
  const end = pixels + 3 * count;
  for (; pixels < end; pixels += 3) {
    if ((load<u32>(pixels) & 0xff_ffff) != colour) continue;
    store<u16>(pixels, 0xffff);
    store<u8>(pixels + 2, 0xff);
  }
}

/**
 * Numbers of a palette to RGB.
 * @param palette 256 colours of 4 bytes each, the last of which does not count
 * @returns the greatest number
 */
export function paletteToRgb(source: usize, count: usize, palette: usize, output: usize): i32 {
  let greatest = 0;
  for (let i: usize = 0; i < count; i++) {
    const number = load<u8>(source + i) as i32;
    greatest = max(greatest, number);
    store<u32>(output + 3 * i, load<u32>(palette + (number << 2)));
  }
  return greatest;
}

/**
 * Gives each pixel a byte where several share one (7.2): the leftmost is in the highest bits, and a row begins with a
 * byte of its own.
 * @param depth bits of a pixel: 1, 2, or 4
 */
export function unpackPixels(source: usize, widthPx: u32, heightPx: u32, depth: u32, output: usize): void {
  const mask = (1 << depth) - 1;
  for (let y: u32 = 0; y < heightPx; y++) {
    for (let x: u32 = 0; x < widthPx; x++) {
      const bit = x * depth;
      const shared = load<u8>(source + (bit >> 3)) as u32;
      store<u8>(output++, ((shared >> (8 - depth - (bit & 7))) & mask) as u8);
    }
    source += (widthPx * depth + 7) >> 3;
  }
}

function onWhite(values: v128, alpha: v128): v128 {
  const low = by255(i16x8.extmul_low_i8x16_u(values, alpha));
  const high = by255(i16x8.extmul_high_i8x16_u(values, alpha));
  return i8x16.add(i8x16.narrow_i16x8_u(low, high), v128.not(alpha));
}

/** ⌊x / 255⌋, exact for products of two bytes. */
function by255(x: v128): v128 {
  return i16x8.shr_u(i16x8.add(i16x8.add(x, i16x8.shr_u(x, 8)), i16x8.splat(1)), 8);
}
