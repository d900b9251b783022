/**
 * Undoes the filters of a PNG picture of 8 bits (ISO/IEC 15948, 9) and makes RGB of it.
 */

/** The filters' types (9.2). */
const SUB = 1;
const UP = 2;
const AVERAGE = 3;
const PAETH = 4;

/**
 * Undoes the filters of all rows.
 *
 * Reads and writes up to 15 bytes beyond the end of rows.
 * @param source rows as they were compressed, each behind the byte of its filter
 * @param length bytes of a row, without that
 * @param pixel bytes of a pixel: 1, 3 or 4
 * @param output rows without padding; 16 zero bytes and a row of zeros lie before them
 * @returns 0 when a filter is none that there is, else 1
 */
export function unfilterPng(source: usize, length: usize, pixel: usize, count: i32, output: usize): i32 {
  for (let y = 0; y < count; y++) {
    const filter = load<u8>(source) as i32;
    const from = source + 1;
    const above = output - length;
    if (filter == 0) memory.copy(output, from, length);
    else if (filter == UP) addRow(from, above, length, output);
    else if (filter > PAETH) return 0;
    else if (pixel == 1) unfilterBytes(filter, from, above, length, output);
    else unfilterPixels(filter, from, above, length, pixel, output);
    source = from + length;
    output += length;
  }
  return 1;
}

function addRow(from: usize, above: usize, length: usize, output: usize): void {
  for (let x: usize = 0; x < length; x += 16) {
    v128.store(output + x, i8x16.add(v128.load(from + x), v128.load(above + x)));
  }
}

function unfilterBytes(filter: i32, from: usize, above: usize, length: usize, output: usize): void {
  let left = 0;
  let corner = 0;
  for (let x: usize = 0; x < length; x++) {
    const top = load<u8>(above + x) as i32;
    let predicted = left;
    if (filter == AVERAGE) predicted = (left + top) >> 1;
    else if (filter == PAETH) predicted = nearest(left, top, corner);
    left = (load<u8>(from + x) + predicted) & 0xff;
    corner = top;
    store<u8>(output + x, left as u8);
  }
}

function nearest(left: i32, top: i32, corner: i32): i32 {
  const toLeft = abs(top - corner);
  const toTop = abs(left - corner);
  const toCorner = abs(left + top - 2 * corner);
  if (toLeft <= toTop && toLeft <= toCorner) return left;
  return toTop <= toCorner ? top : corner;
}

/** Pixel by pixel, its bytes side by side in lanes of 16 bits. A store writes a byte too many of RGB, which comes next. */
function unfilterPixels(filter: i32, from: usize, above: usize, length: usize, pixel: usize, output: usize): void {
  const low = i16x8.splat(0xff);
  let left = i16x8.splat(0);
  let corner = i16x8.splat(0);
  for (let x: usize = 0; x < length; x += pixel) {
    const value = i16x8.extend_low_i8x16_u(v128.load32_zero(from + x));
    const top = i16x8.extend_low_i8x16_u(v128.load32_zero(above + x));
    let predicted = left;
    if (filter == AVERAGE) {
      predicted = i16x8.shr_u(i16x8.add(left, top), 1);
    } else if (filter == PAETH) {
      const toLeft = i16x8.abs(i16x8.sub(top, corner));
      const toTop = i16x8.abs(i16x8.sub(left, corner));
      const toCorner = i16x8.abs(i16x8.sub(i16x8.add(left, top), i16x8.shl(corner, 1)));
      const topOrCorner = v128.bitselect(top, corner, i16x8.le_s(toTop, toCorner));
      const isLeft = v128.and(i16x8.le_s(toLeft, toTop), i16x8.le_s(toLeft, toCorner));
      predicted = v128.bitselect(left, topOrCorner, isLeft);
    }
    left = v128.and(i16x8.add(value, predicted), low);
    corner = top;
    store<i32>(output + x, i32x4.extract_lane(i8x16.narrow_i16x8_u(left, left), 0));
  }
}

/** Grey to RGB. Writes one byte beyond the end. */
export function greyToRgb(source: usize, count: usize, output: usize): void {
  for (let i: usize = 0; i < count; i++) store<u32>(output + 3 * i, (load<u8>(source + i) as u32) * 0x010101);
}

/**
 * Numbers of a palette to RGB. Writes one byte beyond the end.
 * @param palette 256 colours of 4 bytes each, the last of which is not looked at
 * @returns the greatest number
 */
export function paletteToRgb(source: usize, count: usize, palette: usize, output: usize): i32 {
  let greatest = 0;
  for (let i: usize = 0; i < count; i++) {
    const number = load<u8>(source + i) as i32;
    greatest = max(greatest, number);
    store<u32>(output + 3 * i, load<u32>(palette + 4 * number));
  }
  return greatest;
}

/**
 * RGBA to RGB. Writes one byte beyond the end.
 * @returns the least alpha: unless it is 255, the pixels mean something else
 */
export function rgbaToRgb(source: usize, count: usize, output: usize): i32 {
  let least: u32 = 0xff000000;
  for (let i: usize = 0; i < count; i++) {
    const pixel = load<u32>(source + 4 * i);
    least = min(least, pixel);
    store<u32>(output + 3 * i, pixel);
  }
  return (least >> 24) as i32;
}
