import { within } from '../../../concurrency/within.js';
import { ServiceError } from '../../../errors.js';
import type { TritonInferRequest } from '../inference.js';
import { checkRequest, type InferRpc } from './check-request.js';
import { type KeptModels, type LoadModel, modelKey } from './kept-models.js';
import type { ModelDescription } from './model-description.js';

/**
 * A refusal by a description older than this is checked against a fresh one: someone else may have loaded the model
 * anew. So a caller that goes on sending what is wrong has the server asked once a second; also where it is the server
 * that refuses, for which reason a description so old is forgotten.
 */
export const RECHECK_AFTER_MS = 1000;

/**
 * How long a model that cannot be described is not asked for again: long enough that a server without metadata is not
 * asked before every call, short enough that checks begin soon after a model that was loading is there. It is called
 * unchecked, while it is asked for again too: a server that leaves the question open must not hold up its calls.
 */
const PASS_OVER_MS = 5000;

/** How long a description is waited for: ample for what a server tells from memory, little next to most time limits. */
const PATIENCE_MS = 2000;

/** Checks of requests against the models that they are for. */
export interface ModelChecks {
  /**
   * Resolves when the request may be sent; also when its model cannot be described, whatever the reason: the server's
   * answer to the request itself is then the better word.
   * @param load asks for the model's description, within limits of its own: others wait for the same answer
   * @param options.patienceMs how long this request may wait for it, if less than 2 s
   * @throws ServiceError `invalid_argument` as checkRequest
   */
  check(
    request: TritonInferRequest,
    load: LoadModel,
    options?: { readonly rpc?: InferRpc; readonly patienceMs?: number },
  ): Promise<void>;
}

/**
 * Makes the checks.
 * @param options.models what is known of models, shared with whoever else asks for it; what it forgets is asked for anew
 * @param options.now a clock in milliseconds; performance.now by default
 */
export function createModelChecks(options: { models: KeptModels; now?: () => number }): ModelChecks {
  const { models, now = () => performance.now() } = options;
  /** Until when models are not asked for again that could not be described, in the order of these times. */
  const unknownUntil = new Map<string, number>();

  const noteUnknown = (key: string) => {
    for (const [other, until] of unknownUntil) {
      // One that is called again soon is asked for again, without anyone waiting for it.
      if (until + PASS_OVER_MS > now()) break;
      unknownUntil.delete(other);
    }
    unknownUntil.delete(key);
    unknownUntil.set(key, now() + PASS_OVER_MS);
  };

  const describe = async (
    request: TritonInferRequest,
    load: LoadModel,
    { maxAgeMs, patienceMs }: { maxAgeMs: number; patienceMs: number },
  ): Promise<ModelDescription | undefined> => {
    const key = modelKey(request);
    const wasUnknown = unknownUntil.has(key);
    const isUnknown = () => now() < (unknownUntil.get(key) ?? -Infinity);
    // Those who waited for a load that failed would each load once by themselves.
    const loadUnlessUnknown = () =>
      isUnknown() ? Promise.reject(new ServiceError('unavailable', 'The model cannot be described')) : load();
    if (isUnknown()) return undefined;
    const ask = async () => {
      try {
        const description = await models.get(request, loadUnlessUnknown, { maxAgeMs });
        unknownUntil.delete(key);
        return description;
      } catch {
        // Why it failed is of no use to the caller, whose request goes on unchecked.
        noteUnknown(key);
        return undefined;
      }
    };
    const answer = ask();
    if (wasUnknown) return undefined;
    return within(Math.min(patienceMs, PATIENCE_MS), answer, () => {
      noteUnknown(key);
      return undefined;
    });
  };

  return {
    check: async (request, load, { rpc, patienceMs = PATIENCE_MS } = {}) => {
      const kept = await describe(request, load, { maxAgeMs: Infinity, patienceMs });
      if (kept === undefined) return;
      try {
        checkRequest(request, kept, rpc);
      } catch {
        const fresh = await describe(request, load, { maxAgeMs: RECHECK_AFTER_MS, patienceMs });
        if (fresh !== undefined) checkRequest(request, fresh, rpc);
      }
    },
  };
}
