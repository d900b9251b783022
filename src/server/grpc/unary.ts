import type { handleUnaryCall } from '@grpc/grpc-js';
import { excerpt, ServiceError, toServiceError } from '../../errors.js';
import type { CallState } from '../call-state.js';
import { invalidInput } from '../input-side.js';
import { callState } from './call-accounts.js';
import { toStatus } from './call-status.js';

/** How the messages of an rpc are read and written. */
export interface RpcCodec<Request, Response> {
  readonly decode: (bytes: Buffer) => Request;
  readonly encode: (response: Response) => Buffer;
}

/** What an rpc answers. */
export type Answer<Request, Response> = (request: Request, state: CallState) => Response | Promise<Response>;

/**
 * Makes an rpc of one request and one answer; the one place where errors of such become statuses.
 * @param options.maxSendBytes the largest message that is sent; -1 for no limit
 */
export function unary<Request, Response>(
  { decode, encode }: RpcCodec<Request, Response>,
  options: { readonly maxSendBytes: number },
  answer: Answer<Request, Response>,
): handleUnaryCall<Buffer, Buffer> {
  const answerBytes = async (bytes: Buffer, state: CallState): Promise<Buffer> => {
    state.addBytes({ request: bytes.length });
    const response = encode(await answer(read(bytes, decode), state));
    assertSendable(response, options.maxSendBytes);
    state.addBytes({ response: response.length });
    return response;
  };
  return (call, callback) => {
    const state = callState(call.metadata);
    answerBytes(call.request, state).then(
      (response) => callback(null, response),
      (thrown: unknown) => {
        state.error = toServiceError(thrown);
        callback(toStatus(state.error, state.requestId));
      },
    );
  };
}

/**
 * Reads a message.
 * @throws ServiceError `invalid_argument` when it is malformed
 */
export function read<Message>(bytes: Buffer, decode: (bytes: Buffer) => Message): Message {
  try {
    return decode(bytes);
  } catch (error) {
    const { message } = error as Error;
    throw invalidInput(`The message cannot be read: ${excerpt(message, 200)}`, error);
  }
}

/**
 * Refuses an answer that may not be sent.
 * @throws ServiceError `payload_too_large`
 */
export function assertSendable(message: Buffer, maxSendBytes: number): void {
  if (maxSendBytes < 0 || message.length <= maxSendBytes) return;
  const limit = `the limit of ${maxSendBytes} bytes (--grpc_max_send_message_length)`;
  throw new ServiceError('payload_too_large', `The answer has ${message.length} bytes, more than ${limit}`);
}
