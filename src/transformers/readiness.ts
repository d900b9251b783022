import { startDeadline } from '../concurrency/deadline.js';
import { ServiceError } from '../errors.js';
import type { Logger } from '../observability/logger.js';
import type { Predictor } from '../predictor/predictor.js';
import { missingModels } from './missing-models.js';
import type { AnyTransformer } from './transformer.js';

/** How long an answer counts: as long as the shortest usual probe period, so that probes never pile up on the predictor. */
const FRESH_MS = 1000;
/** A predictor that does not answer a health question in this time is not ready. */
const CHECK_TIMEOUT_MS = 5000;

/** How often a model that is not ready is asked for, so that it becomes ready, and its log says so, without a probe. */
const WATCH_UNREADY_MS = 500;
/** And one that is ready, so that a change on the predictor is seen without a probe. */
const WATCH_READY_MS = 10_000;

/** Whether something can answer; `reason` is '' when it can. */
interface ReadinessAnswer {
  readonly ready: boolean;
  readonly reason: string;
}

/** Whether a served model can answer. */
export interface Readiness {
  /** Asks the predictor, or repeats an answer that is fresh; callers at the same time share one question. */
  check(): Promise<ReadinessAnswer>;
  /** Checks now and then from now on. @returns stops that */
  watch(): () => void;
}

/** Which of the predictor's models have to be ready: those that the transformer needs, none, or certain ones. */
export type ReadyPolicy =
  | 'chain'
  | 'none'
  | { readonly models: readonly string[]; readonly predictor: Pick<Predictor, 'isModelReady' | 'isServerReady'> };

/** What one question to the predictor came to. */
interface Outcome extends ReadinessAnswer {
  /** Whether the transformer has found all that it needs, whatever the policy. */
  readonly isChainReady: boolean;
}

const READY: ReadinessAnswer = { ready: true, reason: '' };

/**
 * Makes the cached probe of one served model. Changes are logged. The transformer is asked under every policy, since it
 * finds its models then; the policy decides what follows from its answer.
 * @param options.policy `chain` by default
 */
export function createReadiness(options: {
  modelName: string;
  transformer: Pick<AnyTransformer, 'missingModels'>;
  policy?: ReadyPolicy;
  logger: Pick<Logger, 'info' | 'warn'>;
}): Readiness {
  const { modelName, transformer, policy = 'chain', logger } = options;
  let last: Outcome | undefined;
  let lastAt = -Infinity;
  let running: Promise<Outcome> | undefined;

  const ask = async (): Promise<Outcome> => {
    const deadline = startDeadline({ timeoutMs: CHECK_TIMEOUT_MS, what: 'The readiness check' });
    const [chain, certain] = await Promise.all([
      answerOf(() => transformer.missingModels(deadline.signal)),
      typeof policy === 'string'
        ? READY
        : answerOf(() => missingModels(policy.predictor, policy.models, deadline.signal)),
    ]);
    deadline.close();
    const answer = policy === 'chain' ? chain : certain;
    if (answer.ready && last?.ready !== true) logger.info({ modelName }, 'model is ready');
    if (!answer.ready && last?.reason !== answer.reason)
      logger.warn({ modelName, reason: answer.reason }, 'model is not ready');
    last = { ...answer, isChainReady: chain.ready };
    lastAt = performance.now();
    running = undefined;
    return last;
  };

  const outcome = () => {
    if (last !== undefined && performance.now() - lastAt < FRESH_MS) return Promise.resolve(last);
    return (running ??= ask());
  };

  return {
    check: async () => {
      if (policy === 'none') return READY;
      const { ready, reason } = await outcome();
      return { ready, reason };
    },
    watch: () => {
      let timer: NodeJS.Timeout | undefined;
      let isStopped = false;
      const checkAndWait = async () => {
        const { ready, isChainReady } = await outcome();
        const waitMs = ready && isChainReady ? WATCH_READY_MS : WATCH_UNREADY_MS;
        if (!isStopped) timer = setTimeout(() => void checkAndWait(), waitMs);
      };
      void checkAndWait();
      return () => {
        isStopped = true;
        clearTimeout(timer);
      };
    },
  };
}

/** Whatever keeps the question from being answered, it is not ready. */
async function answerOf(missing: () => Promise<readonly string[]>): Promise<ReadinessAnswer> {
  try {
    const models = await missing();
    return models.length === 0 ? READY : { ready: false, reason: `the predictor has not ready: ${models.join(', ')}` };
  } catch (error) {
    return {
      ready: false,
      reason: error instanceof ServiceError ? error.message : 'the readiness check failed',
    };
  }
}
