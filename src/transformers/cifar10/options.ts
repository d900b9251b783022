import * as z from 'zod';

/** cifar10 has no flags of its own: `--predictor_model_name` says what its model is called on the predictor. */
export const cifar10Options = z.object({});
