/**
 * Undoes the filters of PNG's rows (ISO/IEC 15948, 9).
 */

/** The filters' types (9.2). */
const NONE = 0;
const SUB = 1;
const UP = 2;
const AVERAGE = 3;
const PAETH = 4;

/**
 * Undoes the filters of all rows. Without a second buffer: rows move towards the beginning as they lose the byte of
 * their filter.
 *
 * Reads and writes up to 15 bytes beyond each row, which is why the source lies at least 16 bytes behind the output.
 * @param source rows as they were compressed, each behind the byte of its filter
 * @param rowBytes bytes of a row, without that
 * @param pixelBytes 1 to 4; 1 where several pixels share a byte, too
 * @param output rows without padding; before it lie zeros, as many as a row has
 * @returns false when a filter is none that there is
 */
export function unfilterPng(source: usize, rowBytes: usize, pixelBytes: usize, count: i32, output: usize): bool {
  for (let y = 0; y < count; y++) {
    const filter = load<u8>(source) as i32;
    const from = source + 1;
    if (filter == NONE) memory.copy(output, from, rowBytes);
    else if (filter == UP) undoUp(from, rowBytes, output);
    else if (filter > PAETH) return false;
    else if (pixelBytes == 1) undoInBytes(filter, from, rowBytes, output);
    else if (filter == SUB) undoSub(from, rowBytes, pixelBytes, output);
    else if (filter == AVERAGE) undoAverage(from, rowBytes, pixelBytes, output);
    else undoPaeth(from, rowBytes, pixelBytes, output);
    source = from + rowBytes;
    output += rowBytes;
  }
  return true;
}

function undoUp(from: usize, rowBytes: usize, output: usize): void {
  for (let x: usize = 0; x < rowBytes; x += 16) {
    v128.store(output + x, i8x16.add(v128.load(from + x), v128.load(output + x - rowBytes)));
  }
}

function undoInBytes(filter: i32, from: usize, rowBytes: usize, output: usize): void {
  let left = 0;
  let corner = 0;
  for (let x: usize = 0; x < rowBytes; x++) {
    const top = load<u8>(output + x - rowBytes) as i32;
    let predicted = left;
    if (filter == AVERAGE) predicted = (left + top) >> 1;
    else if (filter == PAETH) predicted = nearest(left, top, corner);
    left = (load<u8>(from + x) + predicted) & 0xff;
    corner = top;
    store<u8>(output + x, left as u8);
  }
}

/** 9.4. */
function nearest(left: i32, top: i32, corner: i32): i32 {
  const toLeft = abs(top - corner);
  const toTop = abs(left - corner);
  const toCorner = abs(left + top - 2 * corner);
  if (toLeft <= toTop && toLeft <= toCorner) return left;
  return toTop <= toCorner ? top : corner;
}

// A pixel follows from the one to the left, so one at a time, its bytes side by side in lanes of 16 bits; adding them
// as bytes keeps the lanes' upper halves 0. What is loaded and stored beyond the pixel is the next one's.

function undoSub(from: usize, rowBytes: usize, pixelBytes: usize, output: usize): void {
  let left = i32x4.splat(0);
  for (let x: usize = 0; x < rowBytes; x += pixelBytes) {
    left = i8x16.add(left, v128.load32_zero(from + x));
    v128.store32_lane(output + x, left, 0);
  }
}

function undoAverage(from: usize, rowBytes: usize, pixelBytes: usize, output: usize): void {
  let left = i16x8.splat(0);
  for (let x: usize = 0; x < rowBytes; x += pixelBytes) {
    const top = lanes(output + x - rowBytes);
    left = i8x16.add(lanes(from + x), i16x8.shr_u(i16x8.add(left, top), 1));
    storeLanes(output + x, left);
  }
}

function undoPaeth(from: usize, rowBytes: usize, pixelBytes: usize, output: usize): void {
  let left = i16x8.splat(0);
  let corner = i16x8.splat(0);
  for (let x: usize = 0; x < rowBytes; x += pixelBytes) {
    const top = lanes(output + x - rowBytes);
    const climb = i16x8.sub(top, corner);
    const across = i16x8.sub(left, corner);
    const toLeft = i16x8.abs(climb);
    const toTop = i16x8.abs(across);
    const toCorner = i16x8.abs(i16x8.add(climb, across));
    const nearer = v128.bitselect(top, corner, i16x8.le_s(toTop, toCorner));
    const isLeft = i16x8.le_s(toLeft, i16x8.min_s(toTop, toCorner));
    left = i8x16.add(lanes(from + x), v128.bitselect(left, nearer, isLeft));
    corner = top;
    storeLanes(output + x, left);
  }
}

function lanes(from: usize): v128 {
  return i16x8.extend_low_i8x16_u(v128.load32_zero(from));
}

function storeLanes(to: usize, pixel: v128): void {
  v128.store32_lane(to, i8x16.narrow_i16x8_u(pixel, pixel), 0);
}
