import * as z from 'zod';
import type { Service } from '../service.js';
import { type Plate, plateSchema } from './answer.js';
import { draw } from './overlay.js';
import { print } from './print.js';

/** Licence plates, each printed as it is laid out. */
export const licensePlate: Service<Plate[]> = {
  shows: 'each plate laid out as it is, with shape and confidence; draws boxes and texts',
  takes: ['picture'],
  prediction: z.array(plateSchema),
  finds: { one: 'plate', many: 'plates', count: (plates) => plates.length },
  print,
  draw,
};
