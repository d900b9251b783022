import * as z from 'zod';
import { choice, text } from '../fields.js';
import { readyModels } from '../list-fields.js';

/** What a served model is, and how it answers. */
export const servedModelOptions = z.object({
  model_name: text("a model's name, without spaces, slashes and colons", /^[^\s/:]+$/)
    .default('facequality')
    .describe("the name served; KServe's controller sets it to the InferenceService's name"),
  transformer: text("a transformer's name")
    .optional()
    .describe('what the service does; by default the transformer named like --model_name'),
  ready_models: readyModels()
    .default('chain')
    .describe(
      "which of the predictor's models have to be ready for this one to be: chain for those that its transformer needs, none, or certain ones",
    ),
  resize: choice(['exact', 'fast'])
    .default('exact')
    .describe(
      'how whole pictures are brought to the size of a model (cifar10): exact decodes all of a picture, as the model was trained; fast decodes JPEGs at 1/2, 1/4 or 1/8, never below twice the size',
    ),
  single_response: choice(['multi', 'bare'])
    .default('multi')
    .describe('answer to a single Request: multi is a MultiResponse of length 1, bare a Response'),
  item_errors: choice(['keep', 'fail'])
    .default('keep')
    .describe("keep puts a bad item's error in its place and scores the others; fail fails the whole request"),
});
