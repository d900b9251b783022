import { startDeadline } from '../concurrency/deadline.js';
import { ServiceError } from '../errors.js';
import type { Logger } from '../observability/logger.js';
import type { AnyTransformer } from './transformer.js';

/** How long an answer counts: as long as the shortest usual probe period, so that probes never pile up on the predictor. */
const FRESH_MS = 1000;
/** A predictor that does not answer a health question in this time is not ready. */
const CHECK_TIMEOUT_MS = 5000;

/** How often a model that is not ready is asked for, so that it becomes ready, and its log says so, without a probe. */
const WATCH_UNREADY_MS = 500;
/** And one that is ready, so that a change on the predictor is seen without a probe. */
const WATCH_READY_MS = 10_000;

/** Whether a served model can answer. */
export interface Readiness {
  /** Asks the predictor, or repeats an answer that is fresh; callers at the same time share one question. */
  check(): Promise<{ readonly ready: boolean; readonly reason: string }>;
  /** Checks now and then from now on. @returns stops that */
  watch(): () => void;
}

/** Makes the cached probe of one served model. Changes are logged. */
export function createReadiness(options: {
  modelName: string;
  transformer: Pick<AnyTransformer, 'missingModels'>;
  logger: Pick<Logger, 'info' | 'warn'>;
}): Readiness {
  const { modelName, transformer, logger } = options;
  let last: { ready: boolean; reason: string } | undefined;
  let lastAt = -Infinity;
  let running: Promise<{ ready: boolean; reason: string }> | undefined;

  const ask = async () => {
    const deadline = startDeadline({ timeoutMs: CHECK_TIMEOUT_MS, what: 'The readiness check' });
    let answer: { ready: boolean; reason: string };
    try {
      const missing = await transformer.missingModels(deadline.signal);
      answer =
        missing.length === 0
          ? { ready: true, reason: '' }
          : { ready: false, reason: `the predictor has not ready: ${missing.join(', ')}` };
    } catch (error) {
      const reason = error instanceof ServiceError ? error.message : 'the readiness check failed';
      answer = { ready: false, reason };
    } finally {
      deadline.close();
    }
    if (answer.ready && last?.ready !== true) logger.info({ modelName }, 'model is ready');
    if (!answer.ready && last?.reason !== answer.reason)
      logger.warn({ modelName, reason: answer.reason }, 'model is not ready');
    last = answer;
    lastAt = performance.now();
    running = undefined;
    return answer;
  };

  const check = () => {
    if (last !== undefined && performance.now() - lastAt < FRESH_MS) return Promise.resolve(last);
    return (running ??= ask());
  };

  return {
    check,
    watch: () => {
      let timer: NodeJS.Timeout | undefined;
      let isStopped = false;
      const checkAndWait = async () => {
        const { ready } = await check();
        if (!isStopped) timer = setTimeout(() => void checkAndWait(), ready ? WATCH_READY_MS : WATCH_UNREADY_MS);
      };
      void checkAndWait();
      return () => {
        isStopped = true;
        clearTimeout(timer);
      };
    },
  };
}
