import { inputsOf, subjectOf } from '../answer.js';
import type { TritonInferRequest, TritonInferResult } from '../inference.js';
import { assertTensor } from '../tensors/check-tensor.js';
import type { TritonTransport } from '../transport.js';
import type { TritonCallOptions, TritonClient } from '../triton-client.js';
import type { RunningCall } from './call-runner.js';
import type { ModelKnowledge } from './model-knowledge.js';
import type { StreamCalls } from './streamed-call.js';

/**
 * A client's inference over streams. A request that is wrong in itself, or for its model, ends its stream.
 * @param options.knowledge against which requests are checked; they are not when it is undefined
 */
export function createInferStreams(options: {
  transport: Pick<TritonTransport, 'inferStream'>;
  stream: StreamCalls;
  knowledge: ModelKnowledge | undefined;
}): Pick<TritonClient, 'inferStream' | 'inferDecoupled'> {
  const { transport, stream, knowledge } = options;

  async function* checked(
    requests: Iterable<TritonInferRequest> | AsyncIterable<TritonInferRequest>,
    callOptions: TritonCallOptions,
    call: RunningCall,
  ): AsyncGenerator<TritonInferRequest> {
    for await (const request of requests) {
      for (const [name, input] of inputsOf(request)) assertTensor(name, input);
      await knowledge?.check(request, callOptions, { call, rpc: 'stream' });
      yield request;
    }
  }

  const inferStream = (
    requests: Iterable<TritonInferRequest> | AsyncIterable<TritonInferRequest>,
    callOptions: TritonCallOptions = {},
    what = () => 'The stream',
  ) =>
    stream({
      what,
      options: callOptions,
      open: (wire, call) => transport.inferStream(checked(requests, callOptions, call), wire),
    });

  return {
    inferStream: (requests, callOptions) => inferStream(requests, callOptions),
    inferDecoupled: async function* (request, callOptions) {
      for await (const message of inferStream([request], callOptions, () => `The call to ${subjectOf(request)}`)) {
        if (message.error !== undefined) throw message.error;
        if (!message.isFinal || hasOutputs(message.result)) yield message.result;
        if (message.isFinal) return;
      }
    },
  };
}

/** Not so for the message that says no more than that it is the last one. */
function hasOutputs({ outputs, sharedOutputs }: TritonInferResult): boolean {
  return outputs.size > 0 || sharedOutputs.size > 0;
}
