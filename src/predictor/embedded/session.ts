import type { InferenceSession } from 'onnxruntime-node';
import { excerpt, ServiceError } from '../../errors.js';
import type { AnyTensor } from '../../tensor.js';
import type { NamedTensors } from '../predictor.js';
import type { ModelSpec, TensorSpec } from './model-spec.js';
import { runtimeFailure } from './refusals.js';
import { fromRuntimeTensor, type Runtime, RUNTIME_TYPES, toRuntimeTensor } from './runtime-tensor.js';

/** A loaded model. */
export interface ModelSession {
  readonly spec: ModelSpec;
  /**
   * Runs the model; blocks the thread meanwhile.
   * @param inputs already checked against `spec`
   * @param outputs the names wanted, already checked against `spec`
   * @throws ServiceError `upstream_error` with the runtime's words, as far as clients may read them
   */
  run(inputs: NamedTensors, outputs: readonly string[]): Promise<NamedTensors>;
  /** Gives the model's memory back. */
  release(): Promise<void>;
}

/** Errors only: a warning for each initialiser of an old exporter helps nobody. */
const LOG_ERRORS = 3;

/**
 * Loads a model.
 * @param options.threads threads of one call
 * @throws ServiceError `upstream_error` when the file is no model, or not the one that its config describes
 */
export async function loadSession(
  runtime: Runtime,
  options: { spec: ModelSpec; file: string; threads: number },
): Promise<ModelSession> {
  const { spec, file, threads } = options;
  const session = await orUpstreamError(() =>
    runtime.InferenceSession.create(file, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: LOG_ERRORS,
      // Threads that spin when a call is over would take the cores from the work on pictures.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    }),
  );
  assertDescribed('input', spec.inputs, session.inputMetadata);
  assertDescribed('output', spec.outputs, session.outputMetadata);
  return {
    spec,
    run: async (inputs, outputs) => {
      const feeds: Record<string, ReturnType<typeof toRuntimeTensor>> = {};
      for (const input of spec.inputs) {
        const tensor = inputs.get(input.name);
        if (tensor !== undefined) feeds[input.name] = toRuntimeTensor(runtime, { spec, input }, tensor);
      }
      const results = await orUpstreamError(() => session.run(feeds, outputs));
      const answer = new Map<string, AnyTensor>();
      for (const name of outputs) {
        const output = spec.outputs.find((candidate) => candidate.name === name);
        const result = results[name];
        if (output !== undefined && result !== undefined) answer.set(name, fromRuntimeTensor(spec, output, result));
      }
      return answer;
    },
    release: () => session.release(),
  };
}

/** The config must name tensors that the model has, with their datatypes; shapes show when the model runs. */
function assertDescribed(
  kind: 'input' | 'output',
  specs: readonly TensorSpec[],
  metadata: readonly InferenceSession.ValueMetadata[],
): void {
  for (const { name, datatype } of specs) {
    const found = metadata.find((value) => value.name === name);
    if (found?.isTensor !== true) {
      const names = excerpt(metadata.map((value) => value.name).join(', '));
      throw new ServiceError('upstream_error', `The model has no ${kind} '${name}', only ${names}`);
    }
    if (found.type !== RUNTIME_TYPES[datatype]) {
      throw new ServiceError('upstream_error', `The model's ${kind} '${name}' is ${found.type}, not ${datatype}`);
    }
  }
}

async function orUpstreamError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw runtimeFailure(cause);
  }
}
