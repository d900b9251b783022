import { ServiceError } from '../../../errors.js';
import type { ModelInfo } from '../../../predictor/predictor.js';
import type { SampleSpec } from '../../../imaging/sample-spec.js';

/** The one input of a model of pictures. */
interface PictureInput extends Pick<SampleSpec, 'widthPx' | 'heightPx' | 'channels'> {
  readonly name: string;
}

/** So many planes of a picture are of these channels. */
const CHANNELS = { 1: 'grey', 3: 'rgb' } as const;

/**
 * What a model of pictures takes, as the predictor describes it: one input FP32 [B, 3, H, W] or [B, 1, H, W].
 * @throws ServiceError `upstream_error` naming the model when it takes anything else
 */
export function pictureInput({ name: model, inputs }: ModelInfo): PictureInput {
  const [input, ...others] = inputs;
  const [, planes = 0, heightPx = 0, widthPx = 0] = input?.shape ?? [];
  const channels = planes === 1 || planes === 3 ? CHANNELS[planes] : undefined;
  const isPicture = input?.datatype === 'FP32' && input.shape.length === 4 && heightPx > 0 && widthPx > 0;
  if (input === undefined || others.length > 0 || !isPicture || channels === undefined) {
    const received = inputs.map(({ name, datatype, shape }) => `${name} ${datatype} [${shape.join(',')}]`).join(', ');
    throw unfit(
      model,
      `one input FP32 [B,3,H,W] or [B,1,H,W] of a fixed size`,
      received === '' ? 'no input' : received,
    );
  }
  return { name: input.name, widthPx, heightPx, channels };
}

/**
 * The shape of an output without the batch dimension; undefined when the model has no such output.
 * @throws ServiceError `upstream_error` when it is not FP32, or of no fixed size
 */
export function outputShape({ name: model, outputs }: ModelInfo, output: string): readonly number[] | undefined {
  const found = outputs.find(({ name }) => name === output);
  if (found === undefined) return undefined;
  const shape = found.shape.slice(1);
  if (found.datatype === 'FP32' && shape.length > 0 && shape.every((size) => size > 0)) return shape;
  throw unfit(model, `output ${output} as FP32 of a fixed size`, `${found.datatype} [${found.shape.join(',')}]`);
}

/** The error of a model that is described as another one than the service needs. */
export function unfit(model: string, expected: string, received: string): ServiceError {
  return new ServiceError(
    'upstream_error',
    `Model ${model} is none for plates: expected ${expected}, received ${received}`,
  );
}
