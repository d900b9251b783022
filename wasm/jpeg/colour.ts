/** Three planes that lie on each other, of which the picture covers `width` × `height`. */
@unmanaged
class Planes {
  first: usize;
  second: usize;
  third: usize;
  firstStride: u32;
  secondStride: u32;
  thirdStride: u32;
  width: u32;
  height: u32;
}

/** How many pixels are converted at once. */
const CHUNK: u32 = 16;

/**
 * Lays planes of red, green and blue on one: interleaved rows without padding. Reads up to 15 bytes beyond the planes'
 * ends, and writes up to 45 beyond the target's.
 */
export function interleave(planes: Planes, target: usize): void {
  const width = planes.width;
  for (let y: u32 = 0; y < planes.height; y++) {
    const first = planes.first + y * planes.firstStride;
    const second = planes.second + y * planes.secondStride;
    const third = planes.third + y * planes.thirdStride;
    const row = target + y * width * 3;
    for (let x: u32 = 0; x < width; x += CHUNK) {
      storePixels(row + x * 3, v128.load(first + x), v128.load(second + x), v128.load(third + x));
    }
  }
}

/** `interleave` for planes of luminance, blue and red difference (ITU-T T.871, 7). */
export function interleaveYcc(planes: Planes, target: usize): void {
  const width = planes.width;
  const centre = i8x16.splat(-128);
  for (let y: u32 = 0; y < planes.height; y++) {
    const first = planes.first + y * planes.firstStride;
    const second = planes.second + y * planes.secondStride;
    const third = planes.third + y * planes.thirdStride;
    const row = target + y * width * 3;
    for (let x: u32 = 0; x < width; x += CHUNK) {
      const luma = v128.load(first + x);
      const blueness = v128.xor(v128.load(second + x), centre);
      const redness = v128.xor(v128.load(third + x), centre);
      const luma0 = i16x8.extend_low_i8x16_u(luma);
      const luma1 = i16x8.extend_high_i8x16_u(luma);
      const cb0 = i16x8.extend_low_i8x16_s(blueness);
      const cb1 = i16x8.extend_high_i8x16_s(blueness);
      const cr0 = i16x8.extend_low_i8x16_s(redness);
      const cr1 = i16x8.extend_high_i8x16_s(redness);
      storePixels(
        row + x * 3,
        i8x16.narrow_i16x8_u(red(luma0, cr0), red(luma1, cr1)),
        i8x16.narrow_i16x8_u(green(luma0, cb0, cr0), green(luma1, cb1, cr1)),
        i8x16.narrow_i16x8_u(blue(luma0, cb0), blue(luma1, cb1)),
      );
    }
  }
}

/** Fractions of 2 ** 15, which is what a rounded product is divided by. */
const ONE: f64 = 32768;

/** luma + 1.402 · cr, the whole part by itself. */
function red(luma: v128, cr: v128): v128 {
  const part = i16x8.q15mulr_sat_s(cr, i16x8.splat(<i16>(0.402 * ONE + 0.5)));
  return i16x8.add(luma, i16x8.add(cr, part));
}

/** luma − 0.344136 · cb − 0.714136 · cr, with five bits of fraction. */
function green(luma: v128, cb: v128, cr: v128): v128 {
  const less = i16x8.add(
    i16x8.q15mulr_sat_s(i16x8.shl(cb, 5), i16x8.splat(<i16>(0.344136 * ONE + 0.5))),
    i16x8.q15mulr_sat_s(i16x8.shl(cr, 5), i16x8.splat(<i16>(0.714136 * ONE + 0.5))),
  );
  return i16x8.shr_s(i16x8.add(i16x8.sub(i16x8.shl(luma, 5), less), i16x8.splat(16)), 5);
}

/** luma + 1.772 · cb, the whole part by itself. */
function blue(luma: v128, cb: v128): v128 {
  const part = i16x8.q15mulr_sat_s(cb, i16x8.splat(<i16>(0.772 * ONE + 0.5)));
  return i16x8.add(luma, i16x8.add(cb, part));
}

/** Sixteen pixels. */
function storePixels(target: usize, r: v128, g: v128, b: v128): void {
  const rg = i8x16.shuffle(r, g, 0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5);
  v128.store(target, i8x16.shuffle(rg, b, 0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15));
  const gr = i8x16.shuffle(r, g, 21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26);
  v128.store(target, i8x16.shuffle(gr, b, 0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15), 16);
  const br = i8x16.shuffle(r, g, 0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0);
  v128.store(target, i8x16.shuffle(br, b, 26, 1, 2, 27, 4, 5, 28, 7, 8, 29, 10, 11, 30, 13, 14, 31), 32);
}
