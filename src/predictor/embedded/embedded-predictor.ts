import { abortReason, startDeadline, untilAborted } from '../../concurrency/deadline.js';
import { createLimiter } from '../../concurrency/limiter.js';
import { excerpt, ServiceError } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import {
  type InferRequest,
  type InferResponse,
  type ModelInfo,
  type ModelReference,
  outputName,
  type Predictor,
} from '../predictor.js';
import { assertRequest } from './check-request.js';
import type { FoundModel, WorkerSettings } from './messages.js';
import { fullShape, type ModelSpec, type TensorSpec } from './model-spec.js';
import { notReady, unknownModel, unknownVersion } from './refusals.js';
import { superviseModelThread, type SupervisedThread } from './supervisor.js';

/** How the embedded predictor is set up. */
export interface EmbeddedOptions extends WorkerSettings {
  /** Calls that may be on their way at once; beyond, they wait in order. */
  readonly concurrency: number;
  /** The most that one call may take, waiting included. */
  readonly requestTimeoutMs: number;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** The worker thread's built script; beside this module by default. */
  readonly workerEntry?: URL;
}

/**
 * The calls that the thread has at once: the one it runs, and one that lies ready so that it need not wait for the
 * event loop in between. More would only hold more copies of tensors.
 */
const CALLS_IN_THREAD = 2;

/** A model that can be called, and the one of its versions that is served. */
type ServedVersion = Extract<FoundModel, { spec: ModelSpec }>;

/**
 * Makes a predictor that runs the models of a Triton model repository inside this process, on the CPU. A model is loaded
 * when it is asked for first, be it by the question whether it is ready, so that memory is taken by those alone that are
 * asked for; one that cannot be loaded is logged and not ready, the others work.
 * @throws ServiceError `unavailable` when this build lacks the runtime, or the repository cannot be read
 */
export async function createEmbeddedPredictor(options: EmbeddedOptions): Promise<Predictor> {
  const { repository, threads, concurrency, requestTimeoutMs, logger } = options;
  const entry = options.workerEntry ?? new URL('./worker-entry.js', import.meta.url);
  const supervisor = await superviseModelThread({ entry, settings: { repository, threads }, logger });
  const limiter = createLimiter({ capacity: Math.min(concurrency, CALLS_IN_THREAD), what: 'predictor calls' });

  let isClosed = false;

  const thread = (): SupervisedThread => {
    if (supervisor.current !== undefined) return supervisor.current;
    const state = isClosed ? 'is closed' : 'stopped and is being started again';
    throw new ServiceError('unavailable', `The predictor ${state}`);
  };
  const find = (reference: ModelReference): FoundModel => {
    const { model, version = '' } = typeof reference === 'string' ? { model: reference } : reference;
    const found = thread().models.find(({ name }) => name === model);
    if (found === undefined) throw unknownModel(model);
    if ('spec' in found && version !== '' && version !== found.version) throw unknownVersion(model, version);
    return found;
  };
  const load = async (found: FoundModel, signal?: AbortSignal): Promise<ServedVersion> => {
    const loading = thread().loader.load(found);
    const isLoaded = await (signal === undefined ? loading : untilAborted(loading, signal));
    if (!isLoaded || !('spec' in found)) throw notReady(found.name);
    return found;
  };
  const isReady = async (model: ModelReference, signal?: AbortSignal): Promise<boolean> => {
    try {
      await load(find(model), signal);
      return true;
    } catch {
      if (signal?.aborted === true) throw abortReason(signal);
      // Whatever it is that would keep it from answering.
      return false;
    }
  };

  const infer = async (request: InferRequest, signal: AbortSignal): Promise<InferResponse> => {
    const { spec, version } = await load(find(request), signal);
    assertRequest(spec, request);
    const outputs = request.outputs?.map(outputName) ?? spec.outputs.map(({ name }) => name);
    // The caller gets its answer at once; the place is held until the thread is done with the call.
    const { model, inputs, givesInputsAway = false } = request;
    const work = limiter.run(() => thread().run({ model, inputs, outputs, givesInputsAway }, signal), { signal });
    return { outputs: await untilAborted(work, signal), version };
  };

  return {
    address: 'embedded',
    infer: async (request, { signal } = {}) => {
      const what = `The call to model ${excerpt(request.model)}`;
      const deadline = startDeadline({ timeoutMs: requestTimeoutMs, what, parent: signal });
      try {
        return await infer(request, deadline.signal);
      } finally {
        deadline.close();
      }
    },
    modelInfo: async (model, { signal } = {}) => {
      if (signal?.aborted === true) throw abortReason(signal);
      return toModelInfo(await load(find(model), signal));
    },
    isModelReady: (model, { signal } = {}) => isReady(model, signal),
    isServerReady: () => Promise.resolve(supervisor.current !== undefined),
    close: () => {
      isClosed = true;
      return supervisor.close();
    },
  };
}

function toModelInfo({ spec, version }: ServedVersion): ModelInfo {
  const toMetadata = ({ name, datatype, dims }: TensorSpec) => ({ name, datatype, shape: fullShape(spec, dims) });
  return {
    name: spec.name,
    inputs: spec.inputs.map(toMetadata),
    outputs: spec.outputs.map(toMetadata),
    maxBatchSize: spec.maxBatchSize,
    versions: [version],
    platform: 'onnxruntime_onnx',
  };
}
