import { errorAnswer, excerpt, type ServiceError, toServiceError } from '../../errors.js';
import { decodeInferRequest } from '../../oip/grpc/infer-request-codec.js';
import { encodeStreamResponse } from '../../oip/grpc/infer-response-codec.js';
import type { InferRequest, StreamedInferResponse } from '../../predictor/predictor.js';
import type { RequestModel } from '../../transformers/served-model.js';
import type { CallState } from '../call-state.js';
import type { DataPlane } from '../data-plane.js';
import { invalidInput } from '../input-side.js';
import { readInferMessage } from './read-infer-message.js';
import { MODEL_STREAM_INFER } from './rpc-names.js';
import { type InferStream, send } from './stream-messages.js';
import { assertSendable, read } from './unary.js';
import { writeInferMessage, writeStreamError } from './write-infer-message.js';

/** A model that hands streams on. */
export type ForwardingModel = Pick<RequestModel, 'name'> & Required<Pick<RequestModel, 'inferStream'>>;

interface ForwardOptions {
  readonly model: ForwardingModel;
  /** That of the stream, which counts as one call. */
  readonly state: CallState;
  readonly maxSendBytes: number;
}

/** The model that a stream with this first request is handed on to; undefined where its requests are answered here. */
export function forwardingModel(
  first: Buffer,
  dataPlane: Pick<DataPlane, 'model' | 'modelNames'>,
): ForwardingModel | undefined {
  const name = modelNameOf(first);
  if (name === undefined || !dataPlane.modelNames().includes(name)) return undefined;
  const model = dataPlane.model(name);
  if (model.kind !== 'requests' || model.inferStream === undefined) return undefined;
  return { name, inferStream: model.inferStream };
}

/**
 * Hands a stream on to its model. Answers have raw contents, as Triton's have; requests for other models are refused.
 * How many requests are under way is up to whom they are handed to: one is read when it is asked for.
 */
export async function forwardStream(
  stream: InferStream,
  messages: AsyncIterable<Buffer>,
  { model, state, maxSendBytes }: ForwardOptions,
): Promise<void> {
  state.begin({ protocol: 'grpc', modelName: model.name, name: MODEL_STREAM_INFER });
  const sendCounted = async (answer: Buffer) => {
    state.addBytes({ response: answer.length });
    await send(stream, answer);
  };
  const errorMessage = (thrown: unknown, id: string): Buffer => {
    const error = toServiceError(thrown);
    // The stream's line in the log tells of the first one.
    state.error ??= error;
    const { message } = errorAnswer(error, state.requestId);
    return encodeStreamResponse(writeStreamError(message, { model: model.name, id }));
  };
  const answerMessage = ({ id, response, error }: StreamedInferResponse): Buffer => {
    if (error !== undefined) return errorMessage(error, id);
    try {
      const infer_response = writeInferMessage(response, { model: model.name, id, isRaw: true });
      const answer = encodeStreamResponse({ error_message: '', infer_response });
      assertSendable(answer, maxSendBytes);
      return answer;
    } catch (thrown) {
      return errorMessage(thrown, id);
    }
  };

  const refuse = (thrown: unknown, id: string) => sendCounted(errorMessage(thrown, id));
  const requests = requestsOf(messages, { model, state, refuse });
  for await (const answer of model.inferStream(requests, state.toCall())) await sendCounted(answerMessage(answer));
}

async function* requestsOf(
  messages: AsyncIterable<Buffer>,
  {
    model,
    state,
    refuse,
  }: Omit<ForwardOptions, 'maxSendBytes'> & { refuse: (thrown: unknown, id: string) => Promise<void> },
): AsyncGenerator<InferRequest, void> {
  for await (const bytes of messages) {
    state.addBytes({ request: bytes.length });
    let id = '';
    let request: InferRequest | undefined;
    try {
      const message = read(bytes, decodeInferRequest);
      ({ id } = message);
      if (message.model_name !== model.name) throw otherModel(model.name, message.model_name);
      request = { model: model.name, ...readInferMessage(message).request };
    } catch (thrown) {
      await refuse(thrown, id);
    }
    if (request !== undefined) yield request;
  }
}

function modelNameOf(message: Buffer): string | undefined {
  try {
    return decodeInferRequest(message).model_name;
  } catch {
    // It is answered with what is wrong with it.
    return undefined;
  }
}

function otherModel(name: string, other: string): ServiceError {
  const received = JSON.stringify(excerpt(other));
  return invalidInput(`The stream is one for model "${name}"; open another for ${received}`);
}
