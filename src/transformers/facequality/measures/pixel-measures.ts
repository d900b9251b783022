import type { Exposure } from './exposure.js';

/** What the pixels of a face say. */
export interface PixelMeasures extends Exposure {
  /** Fine detail, about 0.1 for a sharp face. */
  readonly detail: number;
  /** Strength of JPEG's 8-pixel grid around the face, 1 for none. */
  readonly blockiness: number;
  /** How alike the two cheeks are lit, 0..1. */
  readonly illuminationUniformity: number;
  /** Share of the face that does not look like its skin, 0..1. */
  readonly foreignShare: number;
}
