import { ServiceError } from '../../../errors.js';
import type { TritonInferRequest } from '../inference.js';
import { checkRequest, type InferRpc } from './check-request.js';
import { type KeptModels, type LoadModel, modelKey } from './kept-models.js';
import type { ModelDescription } from './model-description.js';

/**
 * A refusal by a description older than this is checked against a fresh one: someone else may have loaded the model
 * anew. So a caller that goes on sending what is wrong has the server asked once a second.
 */
const RECHECK_AFTER_MS = 1000;

/**
 * How long a model that cannot be described is called unchecked: long enough that a server without metadata is not
 * asked before every call, short enough that checks begin soon after a model that was loading is there.
 */
const PASS_OVER_MS = 5000;

/** Checks of requests against the models that they are for. */
export interface ModelChecks {
  /**
   * Resolves when the request may be sent; also when its model cannot be described, whatever the reason: the server's
   * answer to the request itself is then the better word.
   * @param load asks for the model's description, within limits of its own: others wait for the same answer
   * @throws ServiceError `invalid_argument` as checkRequest
   */
  check(request: TritonInferRequest, load: LoadModel, rpc?: InferRpc): Promise<void>;
}

/**
 * Makes the checks.
 * @param options.models what is known of models, shared with whoever else asks for it; what it forgets is asked for anew
 * @param options.now a clock in milliseconds; performance.now by default
 */
export function createModelChecks(options: { models: KeptModels; now?: () => number }): ModelChecks {
  const { models, now = () => performance.now() } = options;
  /** Until when models are called unchecked, in the order of these times. */
  const unknownUntil = new Map<string, number>();

  const noteUnknown = (key: string) => {
    for (const [other, until] of unknownUntil) {
      if (until > now()) break;
      unknownUntil.delete(other);
    }
    unknownUntil.delete(key);
    unknownUntil.set(key, now() + PASS_OVER_MS);
  };

  const describe = async (
    request: TritonInferRequest,
    load: LoadModel,
    maxAgeMs: number,
  ): Promise<ModelDescription | undefined> => {
    const key = modelKey(request);
    const isUnknown = () => now() < (unknownUntil.get(key) ?? -Infinity);
    // Those who waited for a load that failed would each load once by themselves.
    const loadUnlessUnknown = () =>
      isUnknown() ? Promise.reject(new ServiceError('unavailable', 'The model cannot be described')) : load();
    if (isUnknown()) return undefined;
    try {
      return await models.get(request, loadUnlessUnknown, { maxAgeMs });
    } catch {
      // Why it failed is of no use to the caller, whose request goes on unchecked.
      noteUnknown(key);
      return undefined;
    }
  };

  return {
    check: async (request, load, rpc) => {
      const kept = await describe(request, load, Infinity);
      if (kept === undefined) return;
      try {
        checkRequest(request, kept, rpc);
      } catch {
        const fresh = await describe(request, load, RECHECK_AFTER_MS);
        if (fresh !== undefined) checkRequest(request, fresh, rpc);
      }
    },
  };
}
