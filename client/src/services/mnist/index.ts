import type { Service } from '../service.js';
import { type Attributions, attributionsSchema, digitSchema } from './answer.js';
import { draw, drawBeside } from './overlay.js';
import { print } from './print.js';

/** Handwritten digits, with maps of what speaks for them. */
export const mnist: Service<number, Attributions> = {
  shows: 'the digit; --explain a map of what speaks for it; draws the digit, and the map beside it',
  takes: ['picture'],
  prediction: digitSchema,
  explanation: attributionsSchema,
  print,
  draw,
  drawBeside,
};
