import { startDeadline } from '../concurrency/deadline.js';
import type { Predictor } from './predictor.js';

/** What tells one predictor from another. */
export interface PredictorSettings {
  /** `embedded`, or an address. */
  readonly host: string;
  readonly protocol: string | undefined;
  readonly useSsl: boolean;
  readonly requestTimeoutMs: number;
  readonly retries: number;
}

/** The predictors of several models. */
export interface SharedPredictors<Settings extends PredictorSettings> {
  /** The predictor of settings that were among those given. */
  of(settings: Settings): Predictor;
  /** Closes all of them; safe to call twice. */
  close(): Promise<void>;
}

/**
 * Makes one predictor for all models whose settings say the same. The embedded one holds its models in memory, so there
 * is one of it, whatever the time limits of those who call it.
 * @throws what `create` throws; what it made before is closed then
 */
export async function sharePredictors<Settings extends PredictorSettings>(
  all: readonly Settings[],
  create: (settings: Settings) => Promise<Predictor>,
): Promise<SharedPredictors<Settings>> {
  const made = new Map<string, { readonly predictor: Predictor; readonly requestTimeoutMs: number }>();
  const close = async () => {
    await Promise.all([...made.values()].map(({ predictor }) => predictor.close()));
  };
  // The longest limit first: a shorter one can be kept by the caller.
  const byLimit = [...all].sort((a, b) => b.requestTimeoutMs - a.requestTimeoutMs);
  try {
    for (const settings of byLimit) {
      const key = keyOf(settings);
      const { requestTimeoutMs } = settings;
      if (!made.has(key)) made.set(key, { predictor: await create(settings), requestTimeoutMs });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    of: (settings) => {
      const shared = made.get(keyOf(settings));
      if (shared === undefined) throw new Error(`no predictor was made for ${settings.host}`);
      return shared.requestTimeoutMs === settings.requestTimeoutMs
        ? shared.predictor
        : withShorterLimit(shared.predictor, settings.requestTimeoutMs);
    },
    close,
  };
}

function keyOf({ host, protocol, useSsl, requestTimeoutMs, retries }: PredictorSettings): string {
  return host === 'embedded' ? host : JSON.stringify([host, protocol, useSsl, requestTimeoutMs, retries]);
}

function withShorterLimit(predictor: Predictor, timeoutMs: number): Predictor {
  return {
    ...predictor,
    infer: async (request, call = {}) => {
      const deadline = startDeadline({ timeoutMs, what: `The call to model ${request.model}`, parent: call.signal });
      try {
        return await predictor.infer(request, { ...call, signal: deadline.signal });
      } finally {
        deadline.close();
      }
    },
  };
}
