import * as z from 'zod';

const pixel = z.number().describe('Pixels of the upright original picture');

/** A plate that was found and read. */
export const plateSchema = z.looseObject({
  shape: z.string().describe('How it is laid out: `one-line`, `two-line-region`, …'),
  box: z.tuple([pixel, pixel, pixel, pixel]).describe('x1, y1, x2, y2'),
  size: z.tuple([z.number(), z.number()]).describe('Width and height'),
  region: z.string().describe('Where it was registered; empty on plates that do not say'),
  symbol: z.string().describe('What the vehicle is used for: a syllable of Hangul on Korean plates'),
  serial: z.string(),
  text: z.string().describe('All that stands on it, in order'),
  confidence: z.number().describe('0..1'),
  characters: z.array(z.looseObject({ char: z.string(), confidence: z.number() })),
});

/** A plate that was found and read. */
export type Plate = z.infer<typeof plateSchema>;
