import * as z from 'zod';
import { PICTURE_MEDIA_TYPES } from '../../imaging/picture-format.js';
import { PICTURE_SCHEMA } from '../../imaging/source.js';
import type { ItemApi } from '../item-api.js';
import { PLATE_SHAPES } from './labels.js';

/** A grey PNG of 4 × 3 pixels, the shortest picture that is worth showing: there is no plate in it. */
const EXAMPLE_PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAAAAACRn/EaAAAADklEQVR42mNoAAIGOAEALQ8GAbBqrSgAAAAASUVORK5CYII=';

const SHARE = z.number().min(0).max(1);

const PLATE = z
  .object({
    shape: z
      .enum([...PLATE_SHAPES, 'unknown'])
      .describe('How the marks are laid out; unknown where the reader does not tell'),
    box: z
      .tuple([z.number(), z.number(), z.number(), z.number()])
      .describe('x1, y1, x2, y2 in pixels of the upright picture'),
    size: z.tuple([z.number(), z.number()]).describe("Width and height in pixels, along the plate's own edges"),
    region: z.string().describe('서울, say; empty where the plate names none'),
    symbol: z.string().describe('The syllable between the numbers'),
    serial: z.string().describe('The digits behind the symbol'),
    text: z.string().describe('All characters in order: region, class number, symbol, serial'),
    confidence: SHARE.describe('How likely all characters are right'),
    characters: z.array(z.object({ char: z.string(), confidence: SHARE })),
  })
  .describe('A plate');

/** How licence plates look to their clients. */
export const LICENSE_PLATE_API: ItemApi = {
  schemaName: 'LicensePlate',
  summary: 'Finds the licence plates of a picture and reads them: region, class number, symbol and serial.',
  instance: PICTURE_SCHEMA,
  mediaTypes: PICTURE_MEDIA_TYPES,
  prediction: z.array(PLATE).describe('The plates of one picture, largest first; empty where there is none'),
  example: { instance: EXAMPLE_PICTURE, prediction: [], outputs: {} },
};
