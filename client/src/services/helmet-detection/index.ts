import * as z from 'zod';
import type { Service } from '../service.js';
import { type Detection, detectionSchema } from './answer.js';
import { draw } from './overlay.js';
import { print } from './print.js';

/** Heads with and without helmets, or whatever else the model of the service finds. */
export const helmetDetection: Service<Detection[]> = {
  shows: 'boxes with class and confidence, as shares of the picture; draws boxes and labels',
  takes: ['picture'],
  prediction: z.array(detectionSchema),
  finds: { one: 'box', many: 'boxes', count: (detections) => detections.length },
  print,
  draw,
};
