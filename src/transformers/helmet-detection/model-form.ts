import { excerpt, ServiceError } from '../../errors.js';
import type { PictureSize } from '../../imaging/resize-antialiased.js';
import type { ModelInfo, TensorMetadata } from '../../predictor/predictor.js';
import type { Layout } from './layout.js';
import type { DetectionSettings } from './settings.js';

/** What is to be known of a detector to call it. */
export interface ModelForm extends PictureSize {
  readonly name: string;
  readonly input: string;
  readonly output: string;
}

/** What exporters of YOLOv5 and YOLOv8 call their tensors, where a predictor does not describe its models. */
const DEFAULT_INPUT = 'images';
const DEFAULT_OUTPUT = 'output0';

/** What they are exported with, where neither metadata nor options say. */
const DEFAULT_SIDE_PX = 640;

/** `[B, 3, H, W]` and `[B, rows, columns]`. */
const INPUT_RANK = 4;
const OUTPUT_RANK = 3;

/**
 * What the predictor and the options say of the model.
 * @throws ServiceError `upstream_error` when the model is no detector of this kind, or not the one that the options say
 */
export function modelForm(info: ModelInfo, { labels, tensors }: DetectionSettings): ModelForm {
  const { name } = info;
  const input = chosen(info.inputs, { model: name, kind: 'input', given: tensors.input, rank: INPUT_RANK });
  const output = chosen(info.outputs, { model: name, kind: 'output', given: tensors.output, rank: OUTPUT_RANK });
  const form = {
    name,
    input: input?.name ?? tensors.input ?? DEFAULT_INPUT,
    output: output?.name ?? tensors.output ?? DEFAULT_OUTPUT,
    ...sizeOf(info, input, tensors.size),
  };
  if (output !== undefined) {
    assertFloats(name, output);
    // A dimension that is left open shows only in an answer.
    const isKnown = output.shape.length === OUTPUT_RANK && output.shape.slice(1).every((side) => side > 0);
    if (isKnown || output.shape.length !== OUTPUT_RANK) layoutOf(output, { form, labels, layout: tensors.layout });
  }
  return form;
}

/**
 * Tells how an output lies, by its shape and the number of classes.
 * @throws ServiceError `upstream_error` when the shape is not one that was to be expected, or could be either
 */
export function layoutOf(
  { shape, datatype }: Pick<TensorMetadata, 'shape' | 'datatype'>,
  what: { form: ModelForm; labels: readonly string[]; layout: Layout | 'auto' },
): Layout {
  const { form, labels, layout } = what;
  const [, rows = 0, columns = 0] = shape;
  const fits = {
    yolov5: shape.length === OUTPUT_RANK && columns === 5 + labels.length,
    yolov8: shape.length === OUTPUT_RANK && rows === 4 + labels.length,
  };
  const received = `received ${datatype} [${shape.join(',')}]`;
  if (layout === 'auto' && fits.yolov5 && fits.yolov8) {
    const message = `output ${form.output} could be of either form, ${received}; --helmet_detection_output says which`;
    throw refusal(form.name, message);
  }
  const found = (['yolov5', 'yolov8'] as const).find((one) => fits[one] && (layout === 'auto' || layout === one));
  if (found !== undefined) return found;
  const forms = {
    yolov5: `FP32 [B,N,${5 + labels.length}] (yolov5)`,
    yolov8: `FP32 [B,${4 + labels.length},N] (yolov8)`,
  };
  const expected = layout === 'auto' ? `${forms.yolov5} or ${forms.yolov8}` : forms[layout];
  const classes = `${labels.length} classes (${excerpt(labels.join(', '))})`;
  const message = `expected output ${form.output} as ${expected} for ${classes}, ${received}; --helmet_detection_labels names the model's classes`;
  throw refusal(form.name, message);
}

/** Undefined when the predictor does not describe its models. */
function chosen(
  tensors: readonly TensorMetadata[],
  { model, kind, given, rank }: { model: string; kind: 'input' | 'output'; given: string | undefined; rank: number },
): TensorMetadata | undefined {
  if (tensors.length === 0) return undefined;
  const fitting = tensors.filter(({ shape }) => shape.length === rank);
  const found =
    given === undefined ? (tensors.length === 1 ? tensors : fitting) : tensors.filter((t) => t.name === given);
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  const names = excerpt(tensors.map(({ name }) => name).join(', '));
  const problem = given === undefined ? `it has several ${kind}s` : `it has no ${kind} "${excerpt(given)}"`;
  throw refusal(model, `${problem}: ${names}; --helmet_detection_${kind}_name says which to use`);
}

function sizeOf({ name }: ModelInfo, input: TensorMetadata | undefined, given: PictureSize | undefined): PictureSize {
  const assumed = given ?? { widthPx: DEFAULT_SIDE_PX, heightPx: DEFAULT_SIDE_PX };
  if (input === undefined) return assumed;
  assertFloats(name, input);
  const [, channels = 0, heightPx = 0, widthPx = 0] = input.shape;
  const shown = `${input.name} as ${input.datatype} [${input.shape.join(',')}]`;
  if (input.shape.length !== INPUT_RANK || ![3, -1].includes(channels)) {
    throw refusal(name, `expected an input FP32 [B,3,H,W], found ${shown}`);
  }
  const size = {
    widthPx: widthPx > 0 ? widthPx : assumed.widthPx,
    heightPx: heightPx > 0 ? heightPx : assumed.heightPx,
  };
  if (given === undefined || (given.widthPx === size.widthPx && given.heightPx === size.heightPx)) return size;
  const wanted = `${given.widthPx}x${given.heightPx}`;
  throw refusal(name, `--helmet_detection_input_size is ${wanted}, and its input is ${shown}`);
}

function assertFloats(model: string, { name, datatype }: TensorMetadata): void {
  if (datatype === 'FP32') return;
  throw refusal(model, `${name} is ${datatype}; expected FP32`);
}

function refusal(model: string, problem: string): ServiceError {
  return new ServiceError('upstream_error', `Model ${model} cannot be used for detection: ${problem}`);
}
