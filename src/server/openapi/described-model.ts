import type { TensorMetadata } from '../../predictor/predictor.js';
import type { ItemModel, RequestModel } from '../../transformers/served-model.js';
import type { AnyTransformer } from '../../transformers/transformer.js';
import type { ParameterObject } from './open-api-document.js';

/** A served model of items, as far as the description of the API depends on it. */
export interface DescribedItemModel extends Pick<
  ItemModel,
  'kind' | 'name' | 'info' | 'explainOutputs' | 'singleResponse'
> {
  readonly transformer: Pick<AnyTransformer, 'toResponse' | 'explain' | 'api'>;
}

/** A served model of either kind. */
export type DescribedModel = DescribedItemModel | Pick<RequestModel, 'kind' | 'name'>;

/** A path of a model's: `modelPath('/v1/models/', name, ':predict')`. */
export function modelPath(before: string, name: string, after = ''): string {
  return `${before}${encodeURIComponent(name)}${after}`;
}

/** The version in a path: one of the model's own, or any where its predictor knows them. */
export function versionParameter(model: DescribedModel): ParameterObject {
  const digits = { type: 'string', pattern: String.raw`^\d+$` };
  return {
    name: 'version',
    in: 'path',
    required: true,
    description: 'A version of the model',
    schema: model.kind === 'items' ? { type: 'string', enum: model.info.versions } : digits,
  };
}

/** What a model takes and gives by the Open Inference Protocol, as a list. */
export function tensorsText(model: DescribedModel): string {
  if (model.kind === 'requests') return "Inputs and outputs are the predictor's own; the model's metadata names them.";
  return `Inputs: ${listed(model.info.inputs)}. Outputs: ${listed(model.info.outputs)}.`;
}

/** What a model explains a request of the Open Inference Protocol with. */
export function explainTensorsText(model: DescribedModel): string | undefined {
  if (model.kind === 'requests') return undefined;
  return `A body of the Open Inference Protocol is answered with the outputs: ${listed(model.explainOutputs)}.`;
}

function listed(tensors: readonly TensorMetadata[]): string {
  return tensors.map(({ name, datatype, shape }) => `\`${name}\` ${datatype} [${shape.join(', ')}]`).join(', ');
}
