import * as z from 'zod';
import { PICTURE_MEDIA_TYPES } from '../../imaging/picture-format.js';
import { PICTURE_SCHEMA } from '../../imaging/source.js';
import type { ItemApi } from '../item-api.js';
import { CIFAR10_CLASSES } from './labels.js';
import { LOGITS_OUTPUT } from './postprocess.js';

/** A grey PNG of 4 × 3 pixels, the shortest picture that is worth showing. */
const EXAMPLE_PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAAAAACRn/EaAAAADklEQVR42mNoAAIGOAEALQ8GAbBqrSgAAAAASUVORK5CYII=';

/** What the model that comes with the project says of it. */
const EXAMPLE_LOGITS = [
  0.9957960247993469, -2.4380674362182617, 1.1843360662460327, -1.0257306098937988, -0.9088903069496155,
  -1.026057243347168, -1.1660858392715454, -1.2502912282943726, -0.9134512543678284, -2.031665563583374,
];
const EXAMPLE_PREDICTION = { label: 'bird', index: 2, logits: EXAMPLE_LOGITS };

/** How cifar10 looks to its clients. */
export const CIFAR10_API: ItemApi = {
  schemaName: 'Cifar10',
  summary: 'Says which of the ten classes of CIFAR-10 each picture shows.',
  instance: PICTURE_SCHEMA,
  mediaTypes: PICTURE_MEDIA_TYPES,
  prediction: z
    .looseObject({
      label: z.enum(CIFAR10_CLASSES).describe('The class with the highest logit'),
      index: z
        .int()
        .min(0)
        .max(CIFAR10_CLASSES.length - 1)
        .describe('Its place among the classes'),
      logits: z.array(z.number()).length(CIFAR10_CLASSES.length).describe('What the model answers, one for each class'),
    })
    .describe('The class of one picture; what else the instance held, such as a caption, comes back with it'),
  example: {
    instance: EXAMPLE_PICTURE,
    prediction: EXAMPLE_PREDICTION,
    outputs: { [LOGITS_OUTPUT.name]: EXAMPLE_LOGITS },
  },
};
