import { excerpt, ServiceError } from '../errors.js';
import type { ItemResult, RunRequest, RunTransformer } from '../transformers/run-transformer.js';
import type { Readiness } from '../transformers/readiness.js';
import type { AnyTransformer } from '../transformers/transformer.js';

/** One model that the service answers for. */
export interface ServedModel {
  readonly name: string;
  readonly transformer: Pick<AnyTransformer, 'toPrediction' | 'toResponse'>;
  readonly run: RunTransformer;
  readonly readiness: Readiness;
}

/** All that a transport may call: what there is, whether it is ready, and the work itself. */
export interface DataPlane {
  modelNames(): readonly string[];
  /** @throws ServiceError `not_found` */
  model(name: string): ServedModel;
  /** @throws ServiceError `not_found`, or `unavailable` with the reason when the model cannot answer */
  assertModelReady(name: string): Promise<void>;
  /** @throws ServiceError `unavailable` with the reason when the service is stopping or a model cannot answer */
  assertReady(): Promise<void>;
  predict(name: string, request: RunRequest): Promise<readonly ItemResult[]>;
  /** From now on the service is not ready: it is about to stop. */
  drain(): void;
}

/** Makes the data plane over the models that the process serves. */
export function createDataPlane(models: readonly ServedModel[]): DataPlane {
  const byName = new Map(models.map((model) => [model.name, model]));
  let isDraining = false;

  const find = (name: string) => {
    const model = byName.get(name);
    if (model !== undefined) return model;
    const known = [...byName.keys()].join(', ');
    throw new ServiceError('not_found', `Model with name "${excerpt(name)}" does not exist; served here: ${known}`);
  };
  const assertModelReady = async (name: string) => {
    const { ready, reason } = await find(name).readiness.check();
    if (!ready) throw new ServiceError('unavailable', `Model with name "${name}" is not ready: ${reason}`);
  };

  return {
    modelNames: () => [...byName.keys()],
    model: find,
    assertModelReady,
    assertReady: async () => {
      if (isDraining) throw new ServiceError('unavailable', 'The server is stopping');
      await Promise.all([...byName.keys()].map(assertModelReady));
    },
    predict: async (name, request) => find(name).run(request),
    drain: () => {
      isDraining = true;
    },
  };
}
