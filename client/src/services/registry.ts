import { cifar10 } from './cifar10/index.js';
import { facequality } from './facequality/index.js';
import { helmetDetection } from './helmet-detection/index.js';
import { licensePlate } from './license-plate/index.js';
import { mnist } from './mnist/index.js';
import { other } from './other/index.js';
import type { AnyService } from './service.js';
import { textClassification } from './text-classification/index.js';

/** Every service whose answers have a form of their own, by the name of its transformer. A new one is a line here. */
export const SERVICES: Readonly<Record<string, AnyService>> = {
  facequality,
  cifar10,
  helmet_detection: helmetDetection,
  license_plate: licensePlate,
  mnist,
  text_classification: textClassification,
};

/** The name that stands for a model of any other kind. */
export const OTHER = 'other';

/** What `--service` takes. */
export const SERVICE_NAMES: readonly string[] = [...Object.keys(SERVICES), OTHER];

/** The service of that name; one that shows any answer as JSON when there is none. */
export function serviceNamed(name: string): AnyService {
  return Object.hasOwn(SERVICES, name) ? (SERVICES[name] ?? other) : other;
}
