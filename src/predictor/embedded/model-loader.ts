import { toServiceError } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import type { FoundModel } from './messages.js';
import type { ModelThread } from './model-thread.js';

/** Loads the models of a thread when they are asked for first. */
export interface ModelLoader {
  /**
   * Callers at the same time share one loading.
   * @returns whether the model can be called
   * @throws ServiceError `unavailable` when the thread ends meanwhile
   */
  load(model: FoundModel): Promise<boolean>;
}

/** Makes a thread's loader. What became of each model is logged once. */
export function createModelLoader(
  thread: Pick<ModelThread, 'load'>,
  logger: Pick<Logger, 'info' | 'warn'>,
): ModelLoader {
  const loads = new Map<string, Promise<boolean>>();

  const loadOnce = async (model: FoundModel): Promise<boolean> => {
    const { name } = model;
    if ('problem' in model) {
      const { problem, isForTriton = false } = model;
      if (isForTriton) logger.info({ model: name, problem }, 'A model is left to Triton');
      else logger.warn({ model: name, problem }, 'A model is not ready');
      return false;
    }
    const startedAt = performance.now();
    try {
      await thread.load(name);
    } catch (thrown) {
      const { code, message, cause } = toServiceError(thrown);
      // That is the thread's end, and nothing that is wrong with the model.
      if (code === 'unavailable') throw thrown;
      logger.warn({ model: name, problem: typeof cause === 'string' ? cause : message }, 'A model is not ready');
      return false;
    }
    logger.info({ model: name, elapsedMs: Math.round(performance.now() - startedAt) }, 'A model is loaded');
    return true;
  };

  return {
    load: (model) => {
      let load = loads.get(model.name);
      if (load === undefined) loads.set(model.name, (load = loadOnce(model)));
      return load;
    },
  };
}
