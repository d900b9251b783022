import type { Logger } from '../../observability/logger.js';
import type { LoadedModel, WorkerSettings } from './messages.js';
import { type ModelThread, startModelThread } from './model-thread.js';

/** Keeps one model thread alive. */
export interface Supervisor {
  /** The thread that answers now; undefined while there is none. */
  readonly current: ModelThread | undefined;
  /** Ends the thread for good; safe to call twice. */
  close(): Promise<void>;
}

/** Between the end of a thread and the start of the next, so that one that cannot live does not eat a core. */
const RESTART_DELAY_MS = 200;

/**
 * Starts a model thread, and another whenever it dies.
 * @param options.entry the thread's built script
 * @throws ServiceError as startModelThread, for the first start
 */
export async function superviseModelThread(options: {
  entry: URL;
  settings: WorkerSettings;
  logger: Pick<Logger, 'info' | 'warn' | 'error'>;
}): Promise<Supervisor> {
  const { entry, settings, logger } = options;
  let current: ModelThread | undefined;
  let restart: NodeJS.Timeout | undefined;
  let isClosed = false;

  const start = async () => {
    const startedAt = performance.now();
    const thread = await startModelThread({ entry, settings });
    logLoaded(logger, thread.models, performance.now() - startedAt);
    current = thread;
    void thread.ended.then(onEnd);
  };
  const onEnd = (err: unknown) => {
    current = undefined;
    if (isClosed) return;
    logger.error({ err }, 'The embedded predictor stopped; it is started again');
    restartLater();
  };
  const restartLater = () => {
    restart = setTimeout(() => {
      starting = start().catch(onEnd);
    }, RESTART_DELAY_MS);
  };

  let starting = start();
  await starting;
  return {
    get current() {
      return current;
    },
    close: async () => {
      isClosed = true;
      clearTimeout(restart);
      await starting;
      await current?.close();
    },
  };
}

function logLoaded(logger: Pick<Logger, 'info' | 'warn'>, models: readonly LoadedModel[], elapsedMs: number): void {
  const ready = models.filter((model) => 'spec' in model).map(({ name }) => name);
  logger.info({ models: ready, elapsedMs: Math.round(elapsedMs) }, 'The embedded predictor has loaded its models');
  if (models.length === 0)
    logger.warn('The model repository is empty; "npm run models" builds the models of the project');
  for (const model of models) {
    if (!('problem' in model)) continue;
    const { name, problem, isForTriton = false } = model;
    if (isForTriton) logger.info({ model: name, problem }, 'A model is left to Triton');
    else logger.warn({ model: name, problem }, 'A model is not ready');
  }
}
