import { abortReason, untilAborted } from '../../../concurrency/deadline.js';
import type { ModelReference } from '../administration.js';
import { subjectOf } from '../answer.js';
import type { TritonInferRequest } from '../inference.js';
import type { InferRpc } from '../models/check-request.js';
import type { KeptModels } from '../models/kept-models.js';
import { loadModelDescription } from '../models/load-model-description.js';
import { createModelChecks } from '../models/model-checks.js';
import type { ModelDescription } from '../models/model-description.js';
import { modelName } from '../names.js';
import type { TritonTransport } from '../transport.js';
import type { TritonCallOptions } from '../triton-client.js';
import type { CallRunner, RunningCall } from './call-runner.js';
import type { Retries } from './retries.js';

/** What a client knows of the server's models, and asks for when it needs to. */
export interface ModelKnowledge {
  /** What a model takes and gives. */
  describe(model: ModelReference, options: TritonCallOptions, call: RunningCall): Promise<ModelDescription>;
  /** @throws ServiceError `invalid_argument` when the request's model would refuse it */
  check(request: TritonInferRequest, options: TritonCallOptions, asked: CheckOptions): Promise<void>;
}

/** For which call a request is checked, and how it will be sent. */
interface CheckOptions {
  readonly call: RunningCall;
  readonly rpc: InferRpc;
}

/** Makes what keeps its knowledge in `models`. */
export function createModelKnowledge(options: {
  transport: Pick<TritonTransport, 'modelMetadata' | 'modelConfig'>;
  runner: CallRunner;
  retries: Retries;
  models: KeptModels;
}): ModelKnowledge {
  const { transport, runner, retries, models } = options;
  const checks = createModelChecks({ models });

  // Others wait for the same answer: the asking call's end and time limit are not this one's.
  const load = (reference: ModelReference, { headers = {} }: TritonCallOptions) =>
    runner.run(
      () => `The call to the predictor for the metadata of ${subjectOf(modelName(reference))}`,
      { headers },
      (call) => retries.run(call, () => call.send((wire) => loadModelDescription(transport, reference, wire))),
    );

  const whileWaiting = <T>(call: RunningCall, work: Promise<T>) =>
    call.waitFor("the model's description", () => untilAborted(work, call.signal));

  return {
    describe: (model, callOptions, call) => {
      const loadIfWanted = () =>
        // Its turn to ask may come when it has left already.
        call.signal.aborted ? Promise.reject(abortReason(call.signal)) : load(model, callOptions);
      return whileWaiting(call, models.get(model, loadIfWanted));
    },
    check: (request, callOptions, { call, rpc }) => {
      const { model, version = '' } = request;
      return whileWaiting(
        call,
        checks.check(request, () => load({ model, version }, callOptions), {
          rpc,
          // The inference itself needs some of the time, too.
          patienceMs: call.remainingMs() / 2,
        }),
      );
    },
  };
}
