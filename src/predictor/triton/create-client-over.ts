import { ServiceError } from '../../errors.js';
import { subjectOf } from './answer.js';
import { assertRequest } from './assert-request.js';
import { createClientAdministration } from './calls/client-administration.js';
import { createClientCalls } from './calls/client-calls.js';
import { createInferStreams } from './calls/infer-streams.js';
import { callBack, startInfer } from './calls/infer-handle.js';
import { createModelKnowledge } from './calls/model-knowledge.js';
import { NO_RETRIES } from './calls/retries.js';
import { createStreamCalls } from './calls/streamed-call.js';
import type { CompleteClientOptions } from './client-options.js';
import type { TritonInferRequest } from './inference.js';
import { createKeptModels } from './models/kept-models.js';
import { RECHECK_AFTER_MS } from './models/model-checks.js';
import { toModelInfo } from './models/model-description.js';
import type { TritonTransport } from './transport.js';
import type { TritonClient } from './triton-client.js';

/** Makes a client of a transport: bounds its calls in number and time, retries them, keeps what is known of models. */
export function createClientOver(transport: TritonTransport, options: CompleteClientOptions): TritonClient {
  const { address } = transport;
  const { checksRequests } = options;
  const models = createKeptModels();
  const calls = createClientCalls(address, options, () => models.forget());
  const { runner, places, retries } = calls;
  const knowledge = createModelKnowledge({ transport, runner, retries, models });
  const stream = createStreamCalls({ runner, places });
  let closed: Promise<void> | undefined;

  const infer: TritonClient['infer'] = (request, callOptions = {}) =>
    runner.run(
      () => `The call to ${subjectOf(request)}`,
      callOptions,
      async (call) => {
        assertRequest(request);
        let isChecked = !checksRequests;
        // In its place, so that no more calls wait for a description than the queue holds.
        const attempt = async () => {
          if (!isChecked) await knowledge.check(request, callOptions, { call, rpc: 'unary' });
          isChecked = true;
          return call.send((wire) => transport.infer(request, wire));
        };
        const tries = isRepeatable(request) ? retries : NO_RETRIES;
        try {
          return await tries.run(call, () => calls.inPlace(call, attempt));
        } catch (error) {
          // The model may have been replaced by one that takes other shapes or smaller batches.
          if (error instanceof ServiceError && error.code === 'upstream_error') {
            models.forget(request.model, { olderThanMs: RECHECK_AFTER_MS });
          }
          throw error;
        }
      },
    );

  return {
    address,
    ...createClientAdministration({ transport, runner, retries, onReload: (model) => models.forget(model) }),
    infer,
    inferAsync: (request, callOptions) => startInfer(infer, request, callOptions),
    inferWithCallback: (request, callback, callOptions) => callBack(startInfer(infer, request, callOptions), callback),
    ...createInferStreams({ transport, stream, knowledge: checksRequests ? knowledge : undefined }),
    generate: (request, callOptions = {}) =>
      calls.send(
        () => `The generation by ${subjectOf(request)}`,
        callOptions,
        (wire) => transport.generate(request, wire),
      ),
    generateStream: (request, callOptions) =>
      stream({
        what: () => `The generation by ${subjectOf(request)}`,
        options: callOptions,
        open: (wire) => transport.generateStream(request, wire),
      }),
    modelInfo: async (model, callOptions = {}) => {
      // Asked before each batch: what is known costs no call, and so no time limit.
      const known = callOptions.signal?.aborted === true || closed !== undefined ? undefined : models.known(model);
      if (known !== undefined) return toModelInfo(known);
      return runner.run(
        () =>
          `The call to the predictor for the metadata of ${subjectOf(typeof model === 'string' ? { model } : model)}`,
        callOptions,
        async (call) => toModelInfo(await knowledge.describe(model, callOptions, call)),
      );
    },
    close: () => {
      runner.close();
      models.forget();
      return (closed ??= transport.close());
    },
  };
}

/**
 * Whether the same request may be sent again after its connection broke, while the server may still be at work on it:
 * not one that counts in a sequence, nor one whose first execution may write to shared memory after the second was
 * answered and the region used for something else.
 */
function isRepeatable({ sequence, outputs = [] }: TritonInferRequest): boolean {
  return sequence === undefined && !outputs.some((output) => typeof output !== 'string' && output.sharedMemory);
}
