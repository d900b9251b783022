import { excerpt, ServiceError } from '../errors.js';
import type { NamedTensors, TensorMetadata } from '../predictor/predictor.js';
import type { AnyTensor } from '../tensor.js';
import type { Item, TensorForm } from './transformer.js';

/** The input of every service of pictures: one picture an element, as raw bytes or, as JSON demands, in base64. */
export const IMAGE_INPUT: TensorMetadata = { name: 'image', datatype: 'BYTES', shape: [-1] };

/** What base64, data URLs and `b'…'` are written with; every picture format has other bytes at its very beginning. */
const TEXT = /^[\x20-\x7e\s]+$/;

/** How much of an element is looked at to tell text from a picture. */
const SNIFFED_BYTES = 64;

/**
 * How a service of pictures reads the Open Inference Protocol: a BYTES tensor of any shape, one picture an element. It
 * is the input `image`; when there is but one input, that one, whatever its name: KServe's own image transformer reads
 * its first input, and its clients name it as they like.
 * @param outputs what the service answers besides `response`, and how
 */
export function imageTensors<Result>(
  outputs: Pick<TensorForm<Result>, 'outputs' | 'toOutputs'> = { outputs: [], toOutputs: () => new Map() },
): TensorForm<Result> {
  return { inputs: [IMAGE_INPUT], toItems: imageItems, ...outputs };
}

function imageItems(inputs: NamedTensors): readonly Item[] {
  const names = [...inputs.keys()];
  const name = inputs.has(IMAGE_INPUT.name) || names.length !== 1 ? IMAGE_INPUT.name : (names[0] ?? '');
  const tensor = inputs.get(name);
  if (tensor === undefined) throw unexpected(`received the inputs: ${excerpt(names.join(', '))}`);
  const other = names.find((input) => input !== name);
  if (other !== undefined) throw unexpected(`received the input ${JSON.stringify(excerpt(other))} beside it`);
  return elementsOf(name, tensor).map((element, index) => ({
    path: `inputs[${names.indexOf(name)}].data[${index}]`,
    value: isText(element)
      ? Buffer.from(element.buffer, element.byteOffset, element.byteLength).toString('latin1')
      : element,
  }));
}

function elementsOf(name: string, tensor: AnyTensor): readonly Uint8Array[] {
  if (tensor.datatype === 'BYTES') return tensor.data;
  throw unexpected(`received ${JSON.stringify(excerpt(name))} of datatype ${tensor.datatype}`);
}

function isText(element: Uint8Array): boolean {
  const length = Math.min(element.byteLength, SNIFFED_BYTES);
  return TEXT.test(Buffer.from(element.buffer, element.byteOffset, length).toString('latin1'));
}

function unexpected(received: string): ServiceError {
  return new ServiceError(
    'invalid_argument',
    `inputs: expected one BYTES tensor "${IMAGE_INPUT.name}", a picture an element; ${received}`,
  );
}
