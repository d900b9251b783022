import { ServiceError } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import type { Predictor } from '../../predictor/predictor.js';
import { readyModels } from '../missing-models.js';
import { FACE_DETECT } from './models/face-detect.js';
import { FACE_EMBEDDING } from './models/face-embedding.js';
import { FACE_EYE } from './models/face-eye.js';
import { FACE_LANDMARK } from './models/face-landmark.js';
import { FACE_LIVENESS } from './models/face-liveness.js';
import { FACE_POSE } from './models/face-pose.js';
import type { FaceQualityOptions } from './options.js';

const FULL_MODELS = [FACE_DETECT, FACE_LANDMARK, FACE_POSE, FACE_EYE, FACE_LIVENESS, FACE_EMBEDDING].map(
  ({ name }) => name,
);

/** A name that servers deploy the simple chain's model under. */
const DEPLOYED_SIMPLE_MODEL = 'face_quality_trt_fp16';

/** The models that score a picture. */
export type Chain = { readonly name: 'full' } | { readonly name: 'simple'; readonly model: string };

/** Knows which chain the service runs. */
export interface ChainChoice {
  /**
   * The chain that was decided on last.
   * @throws ServiceError `unavailable` naming the missing models, before there was a decision
   */
  current(): Chain;
  /**
   * Asks the predictor for the models of the full chain, for the simple one's too where those are not all ready, and
   * decides. The full chain is decided on for good: a model of it that is
   * not ready, be it for a lost packet, makes the service not ready instead of changing what its scores mean. The
   * simple chain makes way for the full one when that becomes ready, where both may run. When nothing is ready the last
   * decision stays: a predictor that restarts will most likely come back with the same models.
   * @returns the models that are missing; empty when a chain can run
   * @throws ServiceError `unavailable` when the predictor itself is not there
   */
  decide(signal: AbortSignal): Promise<readonly string[]>;
}

/** Makes the choice between the chains; nothing is decided yet. */
export function createChainChoice(
  services: {
    readonly predictor: Pick<Predictor, 'isModelReady' | 'isServerReady'>;
    readonly logger: Pick<Logger, 'info'>;
  },
  options: Pick<FaceQualityOptions, 'facequality_chain' | 'facequality_model'>,
): ChainChoice {
  const fullModels = options.facequality_chain === 'simple' ? [] : FULL_MODELS;
  const simpleModels =
    options.facequality_chain === 'full' ? [] : [...new Set([options.facequality_model, DEPLOYED_SIMPLE_MODEL])];
  let decided: Chain | undefined;
  let isSeenBefore = false;
  let missing: readonly string[] = [...fullModels, ...simpleModels];

  const find = (isReady: (model: string) => boolean): Chain | undefined => {
    if (fullModels.length > 0 && fullModels.every(isReady)) return { name: 'full' };
    const model = simpleModels.find(isReady);
    return model === undefined ? undefined : { name: 'simple', model };
  };

  /**
   * A model that is still being loaded, or cannot be asked for just now, looks like one that is not there. So where both
   * chains may run, the simple one is taken from a server that is ready as a whole, or when it is the only one a second
   * time: a server with a broken model is never ready as a whole.
   */
  const mayRun = async (chain: Chain, signal: AbortSignal): Promise<boolean> => {
    if (chain.name === 'full' || fullModels.length === 0 || decided !== undefined || isSeenBefore) return true;
    isSeenBefore = true;
    return services.predictor.isServerReady({ signal });
  };

  return {
    current: () => {
      if (decided !== undefined) return decided;
      throw new ServiceError('unavailable', `Not ready: the predictor has no ${missing.join(', ')}`);
    },
    decide: async (signal) => {
      const readyOfFull = await readyModels(services.predictor, fullModels, signal);
      const isFull = fullModels.length > 0 && readyOfFull.size === fullModels.length;
      const others = isFull || decided?.name === 'full' ? [] : simpleModels;
      const ready = new Set([...readyOfFull, ...(await readyModels(services.predictor, others, signal))]);
      const models = [...fullModels, ...others];
      if (ready.size === 0 && !(await services.predictor.isServerReady({ signal })))
        throw new ServiceError('unavailable', 'the predictor cannot be reached, or is not ready itself');
      const found = find((model) => ready.has(model));
      const chain = found !== undefined && (await mayRun(found, signal)) ? found : undefined;
      const notReady = models.filter((model) => !ready.has(model));
      missing = chain === undefined ? notReady : [];
      if (chain !== undefined && decided?.name !== 'full' && !isSame(chain, decided)) {
        services.logger.info({ chain, before: decided, notReady }, 'facequality chain decided');
        decided = chain;
      }
      return missing;
    },
  };
}

function isSame(a: Chain, b: Chain | undefined): boolean {
  return a.name === b?.name && (a.name === 'full' || b.name === 'full' || a.model === b.model);
}
