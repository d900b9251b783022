/** A component's plane: where it lies, how far its rows are apart, and how much of it the picture covers. */
@unmanaged
class Plane {
  data: usize;
  stride: u32;
  width: u32;
  height: u32;
}

/** Each pixel becomes `across` × `down` of the target. */
export function repeatPixels(from: Plane, to: Plane, across: u32, down: u32): void {
  for (let y: u32 = 0; y < to.height; y++) {
    const source = from.data + (y / down) * from.stride;
    const target = to.data + y * to.stride;
    for (let x: u32 = 0; x < to.width; x++) store<u8>(target + x, load<u8>(source + x / across));
  }
}

/**
 * Doubles the width as libjpeg does: each new pixel is 3/4 of the one it lies in and 1/4 of the nearer neighbour, where
 * there is one. Halves are rounded down to the left and up to the right.
 */
export function doubleWidth(from: Plane, to: Plane): void {
  const last = from.width - 1;
  for (let y: u32 = 0; y < to.height; y++) {
    const source = from.data + y * from.stride;
    const target = to.data + y * to.stride;
    for (let x: u32 = 0; x <= last; x++) {
      const three = <u32>load<u8>(source + x) * 3;
      const left = <u32>load<u8>(source + (x == 0 ? 0 : x - 1));
      const right = <u32>load<u8>(source + (x == last ? last : x + 1));
      store<u16>(target + (x << 1), <u16>(((three + left + 1) >> 2) | (((three + right + 2) >> 2) << 8)));
    }
  }
}

/** `doubleWidth` for the height. */
export function doubleHeight(from: Plane, to: Plane): void {
  for (let y: u32 = 0; y < to.height; y++) {
    const row = y >> 1;
    const neighbour = y & 1 ? min(row + 1, from.height - 1) : row == 0 ? 0 : row - 1;
    const near = from.data + row * from.stride;
    const far = from.data + neighbour * from.stride;
    const target = to.data + y * to.stride;
    const bias: u32 = y & 1 ? 2 : 1;
    for (let x: u32 = 0; x < to.width; x++) {
      store<u8>(target + x, <u8>((<u32>load<u8>(near + x) * 3 + load<u8>(far + x) + bias) >> 2));
    }
  }
}
