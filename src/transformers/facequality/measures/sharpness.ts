/** Keeps the quotient finite where a face is one flat grey, and small where there is noise alone. */
const DEVIATION_OFFSET = 2;

/**
 * Fine detail of a face: the mean absolute 4-neighbour Laplacian divided by the deviation of its grey levels, both
 * inside the mask. Our own measure; OFIQ uses a random forest over similar ones.
 * @param grey a square crop, row by row, 0..255
 * @param mask 1 where the face is; not empty
 * @returns 0 or more; a sharp face has about 0.1
 */
export function detail(grey: Float32Array, mask: Uint8Array): number {
  return meanLaplacian(grey, mask) / (deviation(grey, mask) + DEVIATION_OFFSET);
}

function meanLaplacian(grey: Float32Array, mask: Uint8Array): number {
  const widthPx = Math.sqrt(grey.length);
  let total = 0;
  let count = 0;
  for (let row = 1; row < widthPx - 1; row++) {
    for (let i = row * widthPx + 1; i < (row + 1) * widthPx - 1; i++) {
      if (mask[i] !== 1) continue;
      const around = (grey[i - widthPx] ?? 0) + (grey[i + widthPx] ?? 0) + (grey[i - 1] ?? 0) + (grey[i + 1] ?? 0);
      total += Math.abs(4 * (grey[i] ?? 0) - around);
      count++;
    }
  }
  return count === 0 ? 0 : total / count;
}

function deviation(grey: Float32Array, mask: Uint8Array): number {
  let total = 0;
  let count = 0;
  for (let i = 0; i < grey.length; i++) {
    if (mask[i] !== 1) continue;
    total += grey[i] ?? 0;
    count++;
  }
  const mean = total / count;
  let squares = 0;
  for (let i = 0; i < grey.length; i++) {
    if (mask[i] === 1) squares += ((grey[i] ?? 0) - mean) ** 2;
  }
  return Math.sqrt(squares / count);
}
