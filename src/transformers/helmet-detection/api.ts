import * as z from 'zod';
import { PICTURE_MEDIA_TYPES } from '../../imaging/picture-format.js';
import { PICTURE_SCHEMA } from '../../imaging/source.js';
import type { ItemApi } from '../item-api.js';

/** A grey PNG of 4 × 3 pixels, the shortest picture that is worth showing. */
const EXAMPLE_PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAAAAACRn/EaAAAADklEQVR42mNoAAIGOAEALQ8GAbBqrSgAAAAASUVORK5CYII=';

const EDGE = z.number().min(0).max(1);

const detectionSchema = z
  .object({
    x1: EDGE.describe("Left edge, as a share of the upright picture's width"),
    y1: EDGE.describe('Upper edge, as a share of its height'),
    x2: EDGE.describe('Right edge'),
    y2: EDGE.describe('Lower edge'),
    confidence: z.number().min(0).max(1).describe("Objectness times the class's score"),
    class: z.string().describe("The class's name: hat is a head in a helmet, person a head in none"),
  })
  .describe('One thing that was found');

/** How helmet detection looks to its clients. */
export const HELMET_DETECTION_API: ItemApi = {
  schemaName: 'HelmetDetection',
  summary: 'Finds heads with and without helmets in pictures, or whatever else a YOLO detector of your own finds.',
  instance: PICTURE_SCHEMA,
  mediaTypes: PICTURE_MEDIA_TYPES,
  prediction: z.array(detectionSchema).describe('What was found in one picture, by falling confidence'),
  example: {
    instance: EXAMPLE_PICTURE,
    // Nothing is to be found in grey.
    prediction: [],
    outputs: {},
  },
};
