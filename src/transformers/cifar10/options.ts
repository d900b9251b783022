import * as z from 'zod';

/** cifar10 has no flags of its own; what its model is called on the predictor is said by the service's. */
export const cifar10Options = z.object({});
