/**
 * Weighted sums of 8-bit pixels along both axes in 64 bits, as src/imaging/sample-upright.ts needs them: first the rows of
 * an output row are summed up, then its columns. Each sum is taken in the order of its taps, so that the results are those
 * of the same sums in JavaScript, bit for bit.
 */

/** Three sums of 64 bits. */
const PIXEL_BYTES: usize = 24;

// Rec. 601 luma: ITU-R BT.601-7, 2.5.1.
const LUMA_RED: f64 = 0.299;
const LUMA_GREEN: f64 = 0.587;
const LUMA_BLUE: f64 = 0.114;

/** How a line of pixels is written, as src/imaging/sample-upright.ts lays it out. */
@unmanaged
class LineLayout {
  /** Of red, green and blue: value = pixel · scale + shift. */
  scaleRed: f64;
  scaleGreen: f64;
  scaleBlue: f64;
  shiftRed: f64;
  shiftGreen: f64;
  shiftBlue: f64;
  /** Bytes from pixel to pixel, and from channel to channel. */
  pixelBytes: i32;
  channelBytes: i32;
  /** One channel, the luma. */
  isGrey: i32;
}

/**
 * Adds to each sum its byte, weighted.
 *
 * Eight at a time: reads up to 7 bytes beyond the last byte, and writes up to 56 bytes beyond the last sum.
 */
export function addWeighted(bytes: usize, count: i32, weight: f64, sums: usize): void {
  const weights = f64x2.splat(weight);
  for (const end = bytes + count; bytes < end; bytes += 8, sums += 64) {
    const words = v128.load8x8_u(bytes);
    const low = i32x4.extend_low_i16x8_u(words);
    const high = i32x4.extend_high_i16x8_u(words);
    addTo(sums, f64x2.mul(f64x2.convert_low_i32x4_s(low), weights));
    addTo(sums + 16, f64x2.mul(f64x2.convert_low_i32x4_s(upperHalf(low)), weights));
    addTo(sums + 32, f64x2.mul(f64x2.convert_low_i32x4_s(high), weights));
    addTo(sums + 48, f64x2.mul(f64x2.convert_low_i32x4_s(upperHalf(high)), weights));
  }
}

function addTo(sums: usize, values: v128): void {
  v128.store(sums, f64x2.add(v128.load(sums), values));
}

function upperHalf(words: v128): v128 {
  return i32x4.shuffle(words, words, 2, 3, 2, 3);
}

/**
 * Makes a line of pixels of the sums of its columns.
 * @param ends for each pixel the number of taps up to its last one (i32)
 * @param sources for each tap its place among the sums (i32)
 * @param weights for each tap (f64)
 * @param count pixels
 */
export function combineColumns(
  sums: usize,
  ends: usize,
  sources: usize,
  weights: usize,
  count: i32,
  layout: usize,
  output: usize,
): void {
  const line = changetype<LineLayout>(layout);
  let tap = 0;
  for (let x = 0; x < count; x++) {
    const end = load<i32>(ends);
    ends += 4;
    let redAndGreen = f64x2.splat(0);
    let blue: f64 = 0;
    for (; tap < end; tap++) {
      const at = sums + PIXEL_BYTES * (load<i32>(sources) as usize);
      const weight = load<f64>(weights);
      redAndGreen = f64x2.add(redAndGreen, f64x2.mul(f64x2.splat(weight), v128.load(at)));
      blue += weight * load<f64>(at, 16);
      sources += 4;
      weights += 8;
    }
    storePixel(line, output, f64x2.extract_lane(redAndGreen, 0), f64x2.extract_lane(redAndGreen, 1), blue);
    output += line.pixelBytes;
  }
}

function storePixel(line: LineLayout, output: usize, red: f64, green: f64, blue: f64): void {
  if (line.isGrey) {
    const luma = LUMA_RED * red + LUMA_GREEN * green + LUMA_BLUE * blue;
    store<f32>(output, (luma * line.scaleRed + line.shiftRed) as f32);
    return;
  }
  store<f32>(output, (red * line.scaleRed + line.shiftRed) as f32);
  store<f32>(output + line.channelBytes, (green * line.scaleGreen + line.shiftGreen) as f32);
  store<f32>(output + 2 * line.channelBytes, (blue * line.scaleBlue + line.shiftBlue) as f32);
}
