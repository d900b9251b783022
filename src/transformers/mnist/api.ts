import * as z from 'zod';
import { PICTURE_MEDIA_TYPES } from '../../imaging/picture-format.js';
import { PICTURE_SCHEMA } from '../../imaging/source.js';
import type { ItemApi, JsonSchema } from '../item-api.js';
import { DIGITS } from './labels.js';
import { SIDE } from './size.js';

/** A one in black on white, 28 × 28: samples/mnist/one_black_on_white.png. */
const EXAMPLE_PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAAAAABXZoBIAAAAcklEQVR42s3SwQ3DMAhA0U8mo5MxGt6MXJLGxpBbpXJCPCGEQII+Dv4Dh8joERQAKVYRiK7zA36lkUOf4oYGeIMOWDQ4W0LX2RLqM2/DZAsqaDRoy7wVLfdN6Lt9sbIbrbILvbpAxHGf197eRAuU3zz1CQ8jYUoX7+i7AAAAAElFTkSuQmCC';

const GREY = { type: 'number', minimum: 0, maximum: 1 };

const rows = (cell: JsonSchema): JsonSchema => ({
  type: 'array',
  minItems: SIDE,
  maxItems: SIDE,
  items: { type: 'array', minItems: SIDE, maxItems: SIDE, items: cell },
});

/** An array of grey values: [28][28], [1][28][28] or [28][28][1]. */
const GREY_SCHEMAS: readonly JsonSchema[] = [
  rows(GREY),
  { type: 'array', minItems: 1, maxItems: 1, items: rows(GREY) },
  rows({ type: 'array', minItems: 1, maxItems: 1, items: GREY }),
];

const side = <T extends z.ZodType>(item: T) => z.array(item).length(SIDE);

/** How mnist looks to its clients. */
export const MNIST_API: ItemApi = {
  schemaName: 'Mnist',
  summary: 'Reads a handwritten digit, and says which pixels spoke for it.',
  instance: {
    title: 'Digit',
    description: 'A picture of one digit, or its grey values: rows of numbers of 0 (black) to 1 (white)',
    anyOf: [...PICTURE_SCHEMA.anyOf, ...GREY_SCHEMAS],
  },
  mediaTypes: PICTURE_MEDIA_TYPES,
  prediction: z
    .int()
    .min(0)
    .max(DIGITS - 1)
    .describe('The digit'),
  explanation: z
    .array(side(side(z.number())))
    .length(1)
    .describe('What each pixel adds to the probability of the predicted digit, row by row; negative where it takes'),
  example: { instance: EXAMPLE_PICTURE, prediction: 1, outputs: { predict: 1 } },
};
