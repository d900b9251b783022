import type { MethodDefinition } from '@grpc/grpc-js';
import type { InferRequestMessage, InferResponseMessage, StreamResponseMessage } from '../../../oip/grpc/messages.js';

/** An rpc with one answer. */
export interface UnaryMethod<Request, Response> extends Pick<
  MethodDefinition<Request, Response>,
  'path' | 'requestSerialize' | 'responseDeserialize'
> {
  /** The message in pieces, which are sent one behind the other: where that saves a copy. */
  readonly piecesOfRequest?: (request: Request) => readonly Uint8Array[];
}

/** The rpcs that run models. */
export interface InferenceRpcs {
  readonly ModelInfer: UnaryMethod<InferRequestMessage, InferResponseMessage>;
  readonly ModelStreamInfer: MethodDefinition<InferRequestMessage, StreamResponseMessage>;
}
