import * as z from 'zod';
import { choice, integer } from '../../config/fields.js';
import { MIN_ROWS } from './shapley.js';

/** The flags of mnist, under their names on the command line, in the environment (capitals) and in the file. */
export const mnistOptions = z.object({
  mnist_invert: choice(['auto', 'always', 'never'])
    .default('auto')
    .describe(
      'whether grey values are turned round, since the model expects white on black; auto turns what is darker than its border more than it is lighter',
    ),
  mnist_center: choice(['auto', 'always', 'never'])
    .default('auto')
    .describe(
      "whether the digit is looked for on its picture and brought into MNIST's form, 20 × 20 about its centre of mass, rather than the whole picture stretched; auto does so with pictures that are not 28 × 28",
    ),
  mnist_explain_samples: integer({ min: MIN_ROWS, max: 65_536 })
    .default(1024)
    .describe('rows sent to the predictor for the explanation of one picture at most; more give less noise'),
  mnist_explain_seed: integer({ min: 0, max: 4_294_967_295 })
    .default(0)
    .describe('what the random orders of explanations begin with; one seed gives one explanation of a picture'),
});

/** The flags' values. */
export type MnistOptions = z.output<typeof mnistOptions>;
