import type { Service } from '../service.js';
import { type ClassPrediction, classPredictionSchema } from './answer.js';
import { draw } from './overlay.js';
import { print } from './print.js';

/** Which of the classes of CIFAR-10 a picture shows. */
export const cifar10: Service<ClassPrediction> = {
  shows: 'the class, its logit and its share; draws the class on the picture',
  takes: ['picture'],
  prediction: classPredictionSchema,
  print,
  draw,
};
