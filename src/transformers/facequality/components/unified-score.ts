import { COMPONENT_WEIGHTS } from 'common-data-type';
import { decimals } from '../../decimals.js';
import type { Components } from './components.js';

/** A component below this counts as this, so that one bad component does not make the score 0. */
export const COMPONENT_FLOOR = 1;

/** The unified score, 1..100, one decimal: the weighted geometric mean of the components. */
export function unifiedScore(components: Components): number {
  const weights = Object.entries(COMPONENT_WEIGHTS) as [keyof typeof COMPONENT_WEIGHTS, number][];
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  const logarithm = weights.reduce(
    (sum, [name, weight]) => sum + weight * Math.log(Math.max(COMPONENT_FLOOR, components[name])),
    0,
  );
  return decimals(Math.exp(logarithm / total), 1);
}
