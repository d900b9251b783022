import * as z from 'zod';

/** Passing requests through has no flags of its own: `--predictor_model_name` and `--predictor_protocol` say where to. */
export const passthroughOptions = z.object({});
