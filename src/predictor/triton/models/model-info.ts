import { excerpt } from '../../../errors.js';
import { isDatatype } from '../../../tensor.js';
import type { ModelInfo, TensorMetadata } from '../../predictor.js';
import { invalidAnswer } from '../upstream-error.js';

/** A model's metadata as both protocols answer it, with shapes as numbers. */
export interface ModelMetadata {
  readonly name: string;
  readonly inputs: readonly MetadataTensor[];
  readonly outputs: readonly MetadataTensor[];
}

interface MetadataTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/**
 * Puts together what a model takes and gives.
 * @param maxBatchSize from the model's configuration; undefined when the server has none to show, being no Triton.
 * Then a model whose inputs all have a first dimension of any size takes batches of any size.
 * @throws ServiceError `upstream_error` when the metadata name an unknown datatype
 */
export function toModelInfo(model: string, metadata: ModelMetadata, maxBatchSize: number | undefined): ModelInfo {
  const subject = `model ${model}`;
  const inputs = metadata.inputs.map((tensor) => toTensorMetadata(tensor, subject));
  const outputs = metadata.outputs.map((tensor) => toTensorMetadata(tensor, subject));
  const isOpenEnded = inputs.length > 0 && inputs.every((input) => input.shape[0] === -1);
  return { name: model, inputs, outputs, maxBatchSize: maxBatchSize ?? (isOpenEnded ? Infinity : 0) };
}

function toTensorMetadata({ name, datatype, shape }: MetadataTensor, subject: string): TensorMetadata {
  if (isDatatype(datatype)) return { name, datatype, shape };
  throw invalidAnswer(subject, `tensor ${name} has the unknown datatype ${JSON.stringify(excerpt(datatype))}`);
}
