import { type ErrorCode, ServiceError } from '../../../errors.js';
import type { ModelReference } from '../administration.js';
import type { ModelDescription } from './model-description.js';

/** Asks the server for a model's description. */
export type LoadModel = () => Promise<ModelDescription>;

/** What is known of models, by name and version: asked for once, however many want to know at the same time. */
export interface KeptModels {
  /**
   * What is kept of a model, or what `load` brings. A failure is not kept. It is shared by those who wait when it is
   * the predictor's; else it may be due to the asking caller's headers, and each of the others loads once by itself.
   * @param options.maxAgeMs how long ago the asking may have begun; what is older is asked for anew. Infinity by default
   */
  get(model: ModelReference, load: LoadModel, options?: { readonly maxAgeMs?: number }): Promise<ModelDescription>;
  /** What is known of a model at this moment, without asking. */
  known(model: ModelReference): ModelDescription | undefined;
  /**
   * Forgets every version of one model, or all models.
   * @param options.olderThanMs how long ago the asking must have begun; 0 by default
   */
  forget(model?: string, options?: { readonly olderThanMs?: number }): void;
}

/** Failures that do not depend on who asks. */
const SHARED_FAILURES: readonly ErrorCode[] = ['unavailable', 'deadline_exceeded'];

interface KeptModel {
  readonly name: string;
  readonly description: Promise<ModelDescription>;
  /** When the asking began: what the server answers may be as old as that. */
  readonly askedAt: number;
  /** The answer, once it is there. */
  known?: ModelDescription;
}

/**
 * Makes an empty memory.
 * @param options.now a clock in milliseconds; performance.now by default
 */
export function createKeptModels({ now = () => performance.now() }: { now?: () => number } = {}): KeptModels {
  const models = new Map<string, KeptModel>();

  const loadAndKeep = (model: ModelReference, load: LoadModel) => {
    const key = modelKey(model);
    const description = load().catch((error: unknown) => {
      if (models.get(key) === kept) models.delete(key);
      throw error;
    });
    const name = typeof model === 'string' ? model : model.model;
    const kept: KeptModel = { name, description, askedAt: now() };
    models.set(key, kept);
    void description.then(
      (known) => (kept.known = known),
      () => undefined,
    );
    return description;
  };

  return {
    get: (model, load, { maxAgeMs = Infinity } = {}) => {
      const kept = models.get(modelKey(model));
      if (kept === undefined || now() - kept.askedAt > maxAgeMs) return loadAndKeep(model, load);
      return kept.description.catch((error: unknown) => {
        if (error instanceof ServiceError && SHARED_FAILURES.includes(error.code)) throw error;
        return loadAndKeep(model, load);
      });
    },
    known: (model) => models.get(modelKey(model))?.known,
    forget: (model, { olderThanMs = 0 } = {}) => {
      const latest = now() - olderThanMs;
      for (const [key, { name, askedAt }] of models) {
        if ((model === undefined || name === model) && askedAt <= latest) models.delete(key);
      }
    },
  };
}

/** One text for each model and version; a version is digits. */
export function modelKey(model: ModelReference): string {
  const { model: name, version = '' } = typeof model === 'string' ? { model } : model;
  return `${version}/${name}`;
}
