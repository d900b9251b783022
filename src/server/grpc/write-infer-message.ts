import { contentsOf, isRawDatatype } from '../../oip/grpc/contents.js';
import type { InferResponseMessage, StreamResponseMessage } from '../../oip/grpc/messages.js';
import { toParameterMessages } from '../../oip/grpc/parameter-values.js';
import { bytesOfTensor } from '../../oip/tensor-bytes.js';
import type { InferResponse } from '../../predictor/predictor.js';

/** What an answer says besides its tensors. */
interface AnswerHead {
  readonly model: string;
  /** The request's own; '' when it had none, as Triton answers. */
  readonly id: string;
}

/**
 * Writes the answer to a request; its raw contents are views on the tensors.
 * @param head.isRaw whether the outputs stand in the raw contents; they do so in any case when one of them has no form
 * but bytes, as the two are not mixed in a message
 */
export function writeInferMessage(
  response: InferResponse,
  head: AnswerHead & { readonly isRaw: boolean },
): InferResponseMessage {
  const outputs = [...response.outputs];
  const isRaw = head.isRaw || outputs.some(([, { datatype }]) => isRawDatatype(datatype));
  return {
    model_name: head.model,
    model_version: response.version ?? '',
    id: head.id,
    parameters: toParameterMessages(Object.entries(response.parameters ?? {})),
    outputs: outputs.map(([name, tensor]) => {
      const { datatype, shape } = tensor;
      return { name, datatype, shape, parameters: {}, contents: isRaw ? null : contentsOf(tensor) };
    }),
    raw_output_contents: isRaw ? outputs.map(([, tensor]) => bytesOfTensor(tensor)) : [],
  };
}

/** Writes the error of one request of a stream, whose id says which one it is. */
export function writeStreamError(message: string, { model, id }: AnswerHead): StreamResponseMessage {
  const answer = { model_name: model, model_version: '', id, parameters: {}, outputs: [], raw_output_contents: [] };
  return { error_message: message, infer_response: answer };
}
