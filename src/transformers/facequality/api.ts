import { COMPONENT_WEIGHTS, type ResponseItem, responseItemSchema } from 'common-data-type';
import * as z from 'zod';
import { PICTURE_MEDIA_TYPES } from '../../imaging/picture-format.js';
import { PICTURE_SCHEMA } from '../../imaging/source.js';
import type { ItemApi } from '../item-api.js';

/** A grey PNG of 4 × 3 pixels, the shortest picture that is worth showing. */
const EXAMPLE_PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAAAAACRn/EaAAAADklEQVR42mNoAAIGOAEALQ8GAbBqrSgAAAAASUVORK5CYII=';

const EXAMPLE_SCORES: ResponseItem[] = [{ score: 0, quality: 0, reason: 'no_face' }];

const SHARES = Object.fromEntries(Object.keys(COMPONENT_WEIGHTS).map((name) => [name, z.number().min(0)]));

/** How face quality looks to its clients. The example is answered by the full chain. */
export const FACE_QUALITY_API: ItemApi = {
  schemaName: 'FaceQuality',
  summary: 'Scores how useful each face of a picture is for recognition, 0..1, and says where it is and what it lacks.',
  instance: PICTURE_SCHEMA,
  mediaTypes: PICTURE_MEDIA_TYPES,
  prediction: z.array(responseItemSchema).describe('The scores of one picture, one per face, largest face first'),
  explanation: z
    .array(z.object(SHARES))
    .describe(
      "For each face, what each component takes from its score: weight · ln(100 / component) / all weights' sum",
    ),
  example: {
    instance: EXAMPLE_PICTURE,
    prediction: EXAMPLE_SCORES,
    explanation: [],
    response: {
      data: EXAMPLE_SCORES,
      extra_info: { source: 'face_quality_score', width: 4, height: 3, chain: 'full' },
    },
    outputs: { face_quality_score: 0 },
  },
};
