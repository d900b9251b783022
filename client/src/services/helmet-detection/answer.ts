import * as z from 'zod';

const share = z.number().describe('Of the width or height of the upright picture, 0..1');

/** Something that was found: its box between two corners, its class, and how sure the model is of it. */
export const detectionSchema = z.looseObject({
  x1: share,
  y1: share,
  x2: share,
  y2: share,
  confidence: z.number().describe('0..1'),
  class: z.union([z.string(), z.number()]).describe('Its label, or its number where the model has no labels'),
});

/** Something that was found in a picture. */
export type Detection = z.infer<typeof detectionSchema>;
