import { type ErrorCode, ServiceError } from '../../../errors.js';
import type { ModelInfo } from '../../predictor.js';

/** What is known of models: asked for once, however many want to know at the same time. */
export interface KeptModelInfos {
  /**
   * What is kept of a model, or what `load` brings. A failure is not kept. It is shared by those who wait when it is
   * the predictor's; else it may be due to the asking caller's headers, and each of the others loads once by itself.
   */
  get(model: string, load: () => Promise<ModelInfo>): Promise<ModelInfo>;
  /** Forgets one model, or all. */
  forget(model?: string): void;
}

/** Failures that do not depend on who asks. */
const SHARED_FAILURES: readonly ErrorCode[] = ['unavailable', 'deadline_exceeded'];

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
    get: (model, load) => {
      const kept = infos.get(model);
      if (kept === undefined) return loadAndKeep(model, load);
      return kept.catch((error: unknown) => {
        if (error instanceof ServiceError && SHARED_FAILURES.includes(error.code)) throw error;
        return loadAndKeep(model, load);
      });
    },
    forget: (model) => {
      if (model === undefined) infos.clear();
      else infos.delete(model);
    },
  };
}
