import * as z from 'zod';
import { extraInfoSchema, itemErrorSchema } from './extra-info.js';

const pixel = z.number().describe('Pixels of the upright original picture');
const percent = z.number().min(0).max(100);
const share = z.number().min(0).max(1);

/**
 * One score. The simple chain fills `score` alone; the full chain fills the rest, one item per face, largest first.
 * A picture without a face has one item with `score` 0 and `reason` `no_face`.
 */
export const responseItemSchema = z.looseObject({
  score: share.describe('Quality, 0..1'),
  quality: percent.int().optional().describe('The same score, rounded to 0..100'),
  reason: z.string().optional().describe('Why there is no better score: `no_face`'),
  detection_score: share.optional().describe('How sure the detector is of the face'),
  box: z.tuple([pixel, pixel, pixel, pixel]).optional().describe('x1, y1, x2, y2'),
  landmarks: z
    .array(z.tuple([pixel, pixel]))
    .length(5)
    .optional()
    .describe('Image-left eye, image-right eye, nose tip, image-left and image-right mouth corner'),
  pose: z
    .looseObject({ yaw: z.number(), pitch: z.number(), roll: z.number() })
    .optional()
    .describe('Degrees: yaw > 0 turns to the image’s left, pitch > 0 looks up, roll > 0 tilts clockwise'),
  eyes_open: z.tuple([share, share]).optional().describe('Probability that the image-left and image-right eye is open'),
  liveness: z
    .looseObject({ live: share, crop_factor: z.number() })
    .optional()
    .describe('Probability of a live face; not trustworthy where crop_factor is much below 2.7'),
  components: z.record(z.string(), percent).optional().describe('Quality components, 0..100, higher is better'),
});

/** What comes with a Response: the request's `type` and `others`, the picture's size, the chain that scored it. */
export const responseExtraInfoSchema = extraInfoSchema.extend({
  width: z.number().int().optional().describe('Width of the upright picture in pixels'),
  height: z.number().int().optional().describe('Height of the upright picture in pixels'),
  chain: z.string().optional().describe('`full` or `simple`'),
  error: itemErrorSchema.optional().describe('Why this item was not scored; `data` is then empty'),
});

/** The scores of one picture. */
export const responseSchema = z.looseObject({
  data: z.array(responseItemSchema),
  extra_info: responseExtraInfoSchema.nullish(),
});

/** The scores of many pictures, in the order of the request. */
export const multiResponseSchema = z.looseObject({ multi_data: z.array(responseSchema) });

/** The score of one face, or of a whole picture. */
export type ResponseItem = z.infer<typeof responseItemSchema>;

/** What comes with a Response. */
export type ResponseExtraInfo = z.infer<typeof responseExtraInfoSchema>;

/** The scores of one picture. */
export type Response = z.infer<typeof responseSchema>;

/** The scores of many pictures, in the order of the request. */
export type MultiResponse = z.infer<typeof multiResponseSchema>;
