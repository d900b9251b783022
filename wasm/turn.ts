/**
 * Writes a picture, RGB, 8 bits each, in another order: each output row takes its pixels at a fixed step, and begins at a
 * fixed step from the row before.
 *
 * Reads and writes one byte beyond the end.
 * @param source the address of the first output pixel in the picture
 * @param across bytes from there to the next pixel of the row
 * @param down bytes from the first pixel of a row to that of the next
 */
export function turn(source: usize, across: i32, down: i32, widthPx: i32, heightPx: i32, output: usize): void {
  for (let y = 0; y < heightPx; y++) {
    let at = source + down * y;
    for (let x = 0; x < widthPx; x++) {
      // A byte too many, which the next pixel overwrites.
      store<u32>(output, load<u32>(at));
      at += across;
      output += 3;
    }
  }
}
