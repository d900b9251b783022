import { abortReason, startDeadline, untilAborted } from '../../concurrency/deadline.js';
import { createLimiter } from '../../concurrency/limiter.js';
import { excerpt, ServiceError } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import {
  type InferRequest,
  type ModelInfo,
  type ModelReference,
  type NamedTensors,
  outputName,
  type Predictor,
} from '../predictor.js';
import { assertRequest } from './check-request.js';
import type { WorkerSettings } from './messages.js';
import { fullShape, type ModelSpec, type TensorSpec } from './model-spec.js';
import type { ModelThread } from './model-thread.js';
import { superviseModelThread } from './supervisor.js';

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

/**
 * Makes a predictor that runs the models of a Triton model repository inside this process, on the CPU. All models are
 * loaded when the promise resolves; one that cannot be loaded is logged and not ready, the others work.
 * @throws ServiceError `unavailable` when this build lacks the runtime, or the repository cannot be read
 */
export async function createEmbeddedPredictor(options: EmbeddedOptions): Promise<Predictor> {
  const { repository, threads, concurrency, requestTimeoutMs, logger } = options;
  const entry = options.workerEntry ?? new URL('./worker-entry.js', import.meta.url);
  const supervisor = await superviseModelThread({ entry, settings: { repository, threads }, logger });
  const limiter = createLimiter({ capacity: Math.min(concurrency, CALLS_IN_THREAD), what: 'predictor calls' });

  let isClosed = false;

  const thread = (): ModelThread => {
    if (supervisor.current !== undefined) return supervisor.current;
    const state = isClosed ? 'is closed' : 'stopped and is being started again';
    throw new ServiceError('unavailable', `The predictor ${state}`);
  };
  const specOf = (model: string): ModelSpec => {
    const found = thread().models.find(({ name }) => name === model);
    if (found === undefined) throw new ServiceError('upstream_error', `The predictor has no model '${excerpt(model)}'`);
    if ('spec' in found) return found.spec;
    throw new ServiceError('unavailable', `Model ${model} is not ready on the predictor`);
  };
  const isReady = (model: string): boolean =>
    supervisor.current?.models.some((loaded) => loaded.name === model && 'spec' in loaded) ?? false;

  const infer = async (request: InferRequest, signal: AbortSignal): Promise<NamedTensors> => {
    const spec = specOf(request.model);
    assertRequest(spec, request);
    const outputs = request.outputs?.map(outputName) ?? spec.outputs.map(({ name }) => name);
    // The caller gets its answer at once; the place is held until the thread is done with the call.
    const work = limiter.run(() => thread().run({ model: request.model, inputs: request.inputs, outputs }, signal), {
      signal,
    });
    return untilAborted(work, signal);
  };

  return {
    address: 'embedded',
    infer: async (request, { signal } = {}) => {
      const what = `The call to model ${excerpt(request.model)}`;
      const deadline = startDeadline({ timeoutMs: requestTimeoutMs, what, parent: signal });
      try {
        return { outputs: await infer(request, deadline.signal) };
      } finally {
        deadline.close();
      }
    },
    modelInfo: (model, { signal } = {}) =>
      Promise.resolve().then(() => {
        if (signal?.aborted === true) throw abortReason(signal);
        return toModelInfo(specOf(nameOf(model)));
      }),
    isModelReady: (model) => Promise.resolve(isReady(nameOf(model))),
    isServerReady: () => Promise.resolve(supervisor.current !== undefined),
    close: () => {
      isClosed = true;
      return supervisor.close();
    },
  };
}

function nameOf(model: ModelReference): string {
  return typeof model === 'string' ? model : model.model;
}

function toModelInfo(spec: ModelSpec): ModelInfo {
  const toMetadata = ({ name, datatype, dims }: TensorSpec) => ({ name, datatype, shape: fullShape(spec, dims) });
  return {
    name: spec.name,
    inputs: spec.inputs.map(toMetadata),
    outputs: spec.outputs.map(toMetadata),
    maxBatchSize: spec.maxBatchSize,
    versions: [],
    platform: 'onnxruntime_onnx',
  };
}
