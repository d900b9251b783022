import { readFileSync } from 'node:fs';
import { excerpt, ServiceError } from '../../errors.js';
import { parseLabels } from '../label-file.js';

/**
 * The classes of the model that comes with the project, in its order: a head in a helmet, and a head in none. The names
 * are those of the Safety Helmet Wearing Dataset (https://github.com/njvisionpower/Safety-Helmet-Wearing-Dataset), which
 * published helmet detectors are mostly trained on and answer with.
 */
export const HELMET_LABELS: readonly string[] = ['hat', 'person'];

/**
 * Reads the names of a model's classes, in the model's order.
 * @throws ServiceError `invalid_argument` when the file cannot be read or holds no such names
 */
export function readLabels(file: string): readonly string[] {
  try {
    return parseLabels(readText(file));
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    const message = `--helmet_detection_labels ${excerpt(file)}: ${problem}; expected one name a line, or JSON such as {"0": "hat", "1": "person"}`;
    throw new ServiceError('invalid_argument', message, { cause });
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error('it cannot be read', { cause });
  }
}
