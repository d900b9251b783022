import { elementCount } from '../tensor.js';

/** Stands for a dimension that is as long as the values make it: numpy's reshape, and KServe's examples, write it so. */
export const OPEN_DIM = -1;

/** A shape with its one open dimension as long as the values make it; any other shape as it is, and so if none fits. */
export function closeShape(shape: readonly number[], valueCount: number): readonly number[] {
  const at = shape.indexOf(OPEN_DIM);
  if (at === -1 || at !== shape.lastIndexOf(OPEN_DIM)) return shape;
  const length = valueCount / elementCount(shape.toSpliced(at, 1));
  return Number.isSafeInteger(length) && length >= 0 ? shape.with(at, length) : shape;
}
