import { ServiceError } from '../../../errors.js';
import { subjectOf } from '../answer.js';
import { assertRequest } from '../assert-request.js';
import type { TritonInferRequest, TritonInferResult } from '../inference.js';
import { kindOf } from '../kind-of.js';
import type { TritonTransport } from '../transport.js';
import type { TritonCallOptions, TritonClient } from '../triton-client.js';
import type { RunningCall } from './call-runner.js';
import type { ModelKnowledge } from './model-knowledge.js';
import type { StreamCalls } from './streamed-call.js';

type Requests = Iterable<TritonInferRequest> | AsyncIterable<TritonInferRequest>;

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
    requests: Requests,
    callOptions: TritonCallOptions,
    call: RunningCall,
  ): AsyncGenerator<TritonInferRequest> {
    for await (const request of given(requests)) {
      assertRequest(request);
      await knowledge?.check(request, callOptions, { call, rpc: 'stream' });
      yield request;
    }
  }

  const inferStream = (requests: Requests, callOptions: TritonCallOptions = {}, what = () => 'The stream') =>
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

/** The caller's requests; what their iterable throws ends the stream as the caller's failure. */
async function* given(requests: unknown): AsyncGenerator<TritonInferRequest> {
  if (!isIterable(requests)) {
    const instead = 'call inferDecoupled or infer for a single one';
    const message = `The requests of a stream must be an iterable; received ${kindOf(requests)}; ${instead}`;
    throw new ServiceError('invalid_argument', message);
  }
  try {
    yield* requests;
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    const message = 'The iterable of the requests failed, which ends the stream; the cause says why';
    throw new ServiceError('invalid_argument', message, { cause: error });
  }
}

function isIterable(requests: unknown): requests is Requests {
  const isObject = typeof requests === 'object' && requests !== null;
  return isObject && (Symbol.asyncIterator in requests || Symbol.iterator in requests);
}

/** Not so for the message that says no more than that it is the last one. */
function hasOutputs({ outputs, sharedOutputs }: TritonInferResult): boolean {
  return outputs.size > 0 || sharedOutputs.size > 0;
}
