/** Natural position, row · 8 + column, of each coefficient in the order of the stream (ITU-T T.81, figure A.6). */
const ZIGZAG: usize = memory.data<u8>([
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47,
  55, 62, 63,
]);

/** cos(i · π / 16) for i from 0 to 8. */
const COSINES: usize = memory.data<f32>([
  1, 0.98078528, 0.92387953, 0.83146961, 0.70710678, 0.55557023, 0.38268343, 0.19509032, 0,
]);

/** Room for `axis`: 8 frequencies of at most 8 pixels. */
const AXIS: usize = memory.data(256, 16);

/** cos(i · π / 16) for any i from 0 on. */
function cosine(i: u32): f32 {
  i &= 31;
  if (i > 16) i = 32 - i;
  return i > 8 ? -load<f32>(COSINES + ((16 - i) << 2)) : load<f32>(COSINES + (i << 2));
}

/**
 * What frequency u adds to each of `size` pixels along one axis: the inverse transform of A.3.3, averaged over the
 * 8 / `size` pixels that become one.
 */
function fillAxis(size: u32): void {
  const share = 8 / size;
  for (let u: u32 = 0; u < 8; u++) {
    const amplitude: f32 = u == 0 ? load<f32>(COSINES + 16) : 1;
    const scale = amplitude / (<f32>share * 2);
    for (let x: u32 = 0; x < size; x++) {
      let sum: f32 = 0;
      for (let i = x * share; i < (x + 1) * share; i++) sum += cosine((2 * i + 1) * u);
      store<f32>(AXIS + ((u * size + x) << 2), sum * scale);
    }
  }
}

/**
 * For each coefficient in the order of the stream, the `size` × `size` float32 pixels that a coefficient of 1 makes: a
 * block is the sum of these times its coefficients. `size` is 2, 4 or 8; of 1 there is but the first quantiser, an int32.
 * @param quantisers a DQT segment's 64 values, of one byte each or, as `is16Bit` tells, two
 */
export function buildBasis(basis: usize, size: u32, quantisers: usize, is16Bit: bool): void {
  if (size == 1) {
    store<u32>(basis, quantiserAt(quantisers, 0, is16Bit));
    return;
  }
  fillAxis(size);
  let to = basis;
  for (let k: u32 = 0; k < 64; k++) {
    const position = <u32>load<u8>(ZIGZAG + k);
    const columns = AXIS + (((position & 7) * size) << 2);
    const rows = AXIS + (((position >> 3) * size) << 2);
    const quantiser = <f32>quantiserAt(quantisers, k, is16Bit);
    for (let y: u32 = 0; y < size; y++) {
      const row = quantiser * load<f32>(rows + (y << 2));
      for (let x: u32 = 0; x < size; x++, to += 4) store<f32>(to, row * load<f32>(columns + (x << 2)));
    }
  }
}

function quantiserAt(quantisers: usize, k: u32, is16Bit: bool): u32 {
  if (!is16Bit) return <u32>load<u8>(quantisers + k);
  const at = quantisers + (k << 1);
  return ((<u32>load<u8>(at)) << 8) | (<u32>load<u8>(at, 1));
}
