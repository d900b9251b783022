import type { InferResponseMessage, ReceivedInferRequest } from '../../oip/grpc/messages.js';
import { beginCall } from '../begin-call.js';
import type { CallState } from '../call-state.js';
import type { DataPlane } from '../data-plane.js';
import { readInferMessage } from './read-infer-message.js';
import { writeInferMessage } from './write-infer-message.js';

/**
 * Asks the model that a request names, and writes its answer.
 * @param call.rpc how the call is named in traces
 * @throws ServiceError `not_found` for a model that is not served, `invalid_argument` for a request that is none; what
 * the model throws
 */
export async function inferOnce(
  message: ReceivedInferRequest,
  dataPlane: Pick<DataPlane, 'model' | 'modelNames'>,
  { state, rpc }: { readonly state: CallState; readonly rpc: string },
): Promise<InferResponseMessage> {
  const { model_name: name, id } = message;
  const model = beginCall(dataPlane, state, { protocol: 'grpc', name, route: rpc });
  const { request, isRaw } = readInferMessage(message);
  const response = await model.infer({ model: name, ...request }, state.toCall());
  return writeInferMessage(response, { model: name, id, isRaw });
}
