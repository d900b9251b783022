import type { ModelInfo } from '../predictor.js';

/** What is known of models: asked for once, however many want to know at the same time. */
export interface KeptModelInfos {
  /** What is kept of a model, or what `load` brings; a failure is not kept. */
  get(model: string, load: () => Promise<ModelInfo>): Promise<ModelInfo>;
  /** Forgets one model, or all. */
  forget(model?: string): void;
}

/** Makes an empty memory. */
export function createKeptModelInfos(): KeptModelInfos {
  const infos = new Map<string, Promise<ModelInfo>>();
  const loadAndKeep = (model: string, load: () => Promise<ModelInfo>) => {
    const info = load().catch((error: unknown) => {
      if (infos.get(model) === info) infos.delete(model);
      throw error;
    });
    infos.set(model, info);
    return info;
  };
  return {
    get: (model, load) => infos.get(model) ?? loadAndKeep(model, load),
    forget: (model) => {
      if (model === undefined) infos.clear();
      else infos.delete(model);
    },
  };
}
