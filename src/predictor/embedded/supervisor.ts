import type { Logger } from '../../observability/logger.js';
import type { WorkerSettings } from './messages.js';
import { createModelLoader, type ModelLoader } from './model-loader.js';
import { type ModelThread, startModelThread } from './model-thread.js';

/** Keeps one model thread alive. */
export interface Supervisor {
  /** The thread that answers now; undefined while there is none. */
  readonly current: SupervisedThread | undefined;
  /** Ends the thread for good; safe to call twice. */
  close(): Promise<void>;
}

/** A thread, and what loads its models. */
export type SupervisedThread = ModelThread & { readonly loader: ModelLoader };

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
  let current: SupervisedThread | undefined;
  let restart: NodeJS.Timeout | undefined;
  let isClosed = false;

  const start = async () => {
    const thread = await startModelThread({ entry, settings });
    if (thread.models.length === 0)
      logger.warn('The model repository is empty; "npm run models" builds the models of the project');
    current = { ...thread, loader: createModelLoader(thread, logger) };
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
