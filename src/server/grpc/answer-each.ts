import { status as Status } from '@grpc/grpc-js';
import { errorAnswer, grpcStatusName, toServiceError } from '../../errors.js';
import { decodeInferRequest } from '../../oip/grpc/infer-request-codec.js';
import { encodeStreamResponse } from '../../oip/grpc/infer-response-codec.js';
import { type CallState, createCallState, type RequestTracing } from '../call-state.js';
import type { DataPlane } from '../data-plane.js';
import type { HeaderForwarding } from '../header-forwarding.js';
import { type CallJournal, logCall } from '../log-call.js';
import { headersOf, remainingMs } from './call-metadata.js';
import { inferOnce } from './infer-once.js';
import { MODEL_STREAM_INFER } from './rpc-names.js';
import { type InferStream, send } from './stream-messages.js';
import { assertSendable, read } from './unary.js';
import { writeStreamError } from './write-infer-message.js';

/** How many requests of one stream are worked on at once; further ones are not read. */
const MAX_IN_FLIGHT = 16;

/** What the requests of streams are answered with. */
export interface EachOptions {
  readonly dataPlane: DataPlane;
  readonly journal: CallJournal;
  readonly forwarding: HeaderForwarding;
  readonly tracing: RequestTracing;
  /** The largest message that is sent; -1 for no limit. */
  readonly maxSendBytes: number;
}

/** Answers each request of a stream as one of its own: with its own trace, and its own line in log and metrics. */
export async function answerEach(
  stream: InferStream,
  messages: AsyncIterable<Buffer>,
  options: EachOptions & { readonly state: CallState },
): Promise<void> {
  const running = new Set<Promise<void>>();
  for await (const message of messages) {
    const answered = answerOne(stream, message, options).finally(() => running.delete(answered));
    running.add(answered);
    if (running.size >= MAX_IN_FLIGHT) await Promise.race(running);
  }
  await Promise.all(running);
}

/** Answers one request; never rejects, as its errors are answers, too. */
async function answerOne(
  stream: InferStream,
  bytes: Buffer,
  { dataPlane, journal, maxSendBytes, ...options }: EachOptions & { readonly state: CallState },
): Promise<void> {
  const startedAt = performance.now();
  const { requestId, signal, ended, answerHeaders } = options.state;
  const headers = { ...headersOf(stream.metadata), 'x-request-id': requestId };
  const timeoutMs = remainingMs(stream.getDeadline());
  const state = createCallState({ ...options, headers, signal, ended, timeoutMs });
  let status: number = Status.OK;
  let model = '';
  let id = '';
  let answer: Buffer;
  try {
    const message = read(bytes, decodeInferRequest);
    ({ model_name: model, id } = message);
    const response = await inferOnce(message, dataPlane, { state, rpc: MODEL_STREAM_INFER });
    answer = encodeStreamResponse({ error_message: '', infer_response: response });
    assertSendable(answer, maxSendBytes);
  } catch (thrown) {
    state.error = toServiceError(thrown);
    const { grpcStatus, message } = errorAnswer(state.error, requestId);
    status = grpcStatus;
    answer = encodeStreamResponse(writeStreamError(message, { model, id }));
    if (state.protocol === undefined) state.begin({ protocol: 'grpc', modelName: '', name: MODEL_STREAM_INFER });
  }
  state.addBytes({ request: bytes.length, response: answer.length });
  // The stream's own head goes out with its first answer.
  for (const [name, value] of state.answerHeaders) answerHeaders.set(name, value);
  await send(stream, answer);
  logCall(journal, {
    state,
    what: { rpc: MODEL_STREAM_INFER, ...(id !== '' && { id }) },
    status: grpcStatusName(status),
    ms: performance.now() - startedAt,
    isProbe: false,
  });
}
