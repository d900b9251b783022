import { COMPONENT_WEIGHTS } from 'common-data-type';
import { ServiceError } from '../../errors.js';
import { COMPONENT_FLOOR } from './components/unified-score.js';
import { decimals } from '../decimals.js';
import type { FaceQualityResult } from './postprocess.js';

/** How much each component takes from a face's score, by the component's name. */
export type Shares = Readonly<Record<string, number>>;

/** The error of the simple chain, whose one model gives no components to explain its score with. */
export function noComponents(): ServiceError {
  return new ServiceError('unimplemented', 'The simple chain has no :explain: its score has no components');
}

/**
 * What explains a picture's scores: for each face, in their order, the share of each component that counts,
 * weight · ln(100 / max(1, component)) / Σ weights: 0 for a component of 100, and all shares together are
 * ln(100 / unified score), since that score is the weighted geometric mean of the components. No face: none.
 */
export function toExplanation({ items }: Pick<FaceQualityResult, 'items'>): Shares[] {
  return items.flatMap(({ components }) => (components === undefined ? [] : [toShares(components)]));
}

function toShares(components: Readonly<Record<string, number>>): Shares {
  const weights = Object.entries(COMPONENT_WEIGHTS);
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  const shares = weights.map(([name, weight]) => {
    const component = Math.max(COMPONENT_FLOOR, components[name] ?? COMPONENT_FLOOR);
    return [name, decimals((weight * Math.log(100 / component)) / total, 4)];
  });
  return Object.fromEntries(shares) as Shares;
}
