import onnxProto from 'onnx-proto';
import { makeBatchDynamic } from './dynamic-batch.mjs';
import { flushTinyWeights } from './flush-tiny-weights.mjs';
import { appendQualityHead } from './quality-head.mjs';

const EDITS = {
  'dynamic-batch': makeBatchDynamic,
  'flush-tiny-weights': flushTinyWeights,
  'quality-head': appendQualityHead,
};

/**
 * Edits an ONNX file. onnx-proto knows the complete schema, so no field is lost on the way.
 * @param {Uint8Array} bytes the original file
 * @param {readonly (keyof typeof EDITS)[]} edits by name, applied in this order
 * @returns {Uint8Array} the edited file
 */
export function editModel(bytes, edits) {
  const model = onnxProto.onnx.ModelProto.decode(bytes);
  for (const name of edits) EDITS[name](model);
  return onnxProto.onnx.ModelProto.encode(model).finish();
}
