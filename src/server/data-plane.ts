import { excerpt, ServiceError } from '../errors.js';
import type { ServedCall } from '../transformers/served-call.js';
import type { RepositoryParameters, ServedModel } from '../transformers/served-model.js';

/** What a server says of itself (Open Inference Protocol, "Server Metadata"). */
export interface ServerInfo {
  readonly name: string;
  readonly version: string;
  readonly extensions: readonly string[];
}

/** A model of the repository, as its index lists it; `reason` is '' when there is nothing to say. */
export interface ModelState {
  readonly name: string;
  readonly version: string;
  readonly state: 'READY' | 'UNAVAILABLE';
  readonly reason: string;
}

/** All that a transport may call: what there is, whether it is ready, and the models themselves. */
export interface DataPlane {
  readonly info: ServerInfo;
  modelNames(): readonly string[];
  /** @throws ServiceError `not_found` when there is no such model, or it is unloaded */
  model(name: string): ServedModel;
  /** @throws ServiceError `not_found` as model, or `unavailable` with the reason when the model cannot answer */
  assertModelReady(name: string): Promise<void>;
  /** @throws ServiceError `unavailable` with the reason when the service is stopping or its models cannot answer */
  assertReady(): Promise<void>;
  /** Every model, served or unloaded. */
  index(): Promise<readonly ModelState[]>;
  /**
   * Serves a model that was unloaded; without effect when it is served. One that hands requests on has its predictor
   * load it, too, which gets the parameters.
   * @throws ServiceError `not_found`; what the predictor throws
   */
  load(name: string, parameters: RepositoryParameters, call: ServedCall): Promise<void>;
  /** Answers no more calls for a model; those under way go on. Otherwise as load. */
  unload(name: string, parameters: RepositoryParameters, call: ServedCall): Promise<void>;
  /** From now on the service is not ready: it is about to stop. */
  drain(): void;
  /** Calls a listener when the service begins to stop; at once where it has begun. */
  onDrain(listener: () => void): void;
}

/** When the service as a whole is ready: with all of its models, or with any of them. */
export type ReadinessPolicy = 'all' | 'any';

/** The version under which a model without versions of its own is listed. */
const ONLY_VERSION = '1';

/** Makes the data plane over the models that the process serves. */
export function createDataPlane(
  models: readonly ServedModel[],
  options: { readonly info: ServerInfo; readonly readiness: ReadinessPolicy },
): DataPlane {
  const byName = new Map(models.map((model) => [model.name, model]));
  const unloaded = new Set<string>();
  const drainListeners: (() => void)[] = [];
  let isDraining = false;

  const loadedNames = () => [...byName.keys()].filter((name) => !unloaded.has(name));
  const known = (name: string) => {
    const model = byName.get(name);
    if (model !== undefined) return model;
    const served = loadedNames().join(', ');
    throw new ServiceError('not_found', `Model with name "${excerpt(name)}" does not exist; served here: ${served}`);
  };
  const loaded = (name: string) => {
    const model = known(name);
    if (unloaded.has(name)) throw new ServiceError('not_found', `Model with name "${name}" is unloaded`);
    return model;
  };
  const assertModelReady = async (name: string) => {
    const { ready, reason } = await loaded(name).readiness.check();
    if (!ready) throw new ServiceError('unavailable', `Model with name "${name}" is not ready: ${reason}`);
  };

  return {
    info: options.info,
    modelNames: loadedNames,
    model: loaded,
    assertModelReady,
    assertReady: async () => {
      if (isDraining) throw new ServiceError('unavailable', 'The server is stopping');
      const checks = await Promise.allSettled(loadedNames().map(assertModelReady));
      const failed = checks.find((check) => check.status === 'rejected');
      const isEnough = options.readiness === 'any' && checks.some((check) => check.status === 'fulfilled');
      if (failed !== undefined && !isEnough) throw failed.reason;
    },
    index: () =>
      Promise.all(
        [...byName.values()].map(async ({ name, readiness }): Promise<ModelState> => {
          const of = { name, version: ONLY_VERSION };
          if (unloaded.has(name)) return { ...of, state: 'UNAVAILABLE', reason: 'unloaded' };
          const { ready, reason } = await readiness.check();
          return { ...of, state: ready ? 'READY' : 'UNAVAILABLE', reason };
        }),
      ),
    load: async (name, parameters, call) => {
      const model = known(name);
      if (model.kind === 'requests') await model.repository?.load(parameters, call);
      unloaded.delete(name);
    },
    unload: async (name, parameters, call) => {
      const model = known(name);
      if (model.kind === 'requests') await model.repository?.unload(parameters, call);
      unloaded.add(name);
    },
    drain: () => {
      isDraining = true;
      for (const listener of drainListeners.splice(0)) listener();
    },
    onDrain: (listener) => {
      if (isDraining) listener();
      else drainListeners.push(listener);
    },
  };
}
