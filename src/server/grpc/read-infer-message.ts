import { excerpt } from '../../errors.js';
import { CONTENTS_FIELD, isRawDatatype, listOf } from '../../oip/grpc/contents.js';
import type { InferRequestMessage, ReceivedInferRequest, TensorWithContents } from '../../oip/grpc/messages.js';
import { fromParameterMessages } from '../../oip/grpc/parameter-values.js';
import { closeShape } from '../../oip/open-shape.js';
import { tensorOfBytes } from '../../oip/tensor-bytes.js';
import { parseTensorHead, type TensorHead } from '../../oip/tensor-head.js';
import { tensorOfValues } from '../../oip/tensor-values.js';
import type { InferRequest, OutputChoice } from '../../predictor/predictor.js';
import type { AnyTensor } from '../../tensor.js';
import { assertFewBytesElements, INPUTS, invalidInput, noSharedMemory } from '../input-side.js';

/** Digits, as Triton takes them: an int64. */
const VERSION = /^\d{1,19}$/;

/** A request, and in which form its client has the values of tensors. */
export interface ReadInferMessage {
  readonly request: Omit<InferRequest, 'model'>;
  /** Whether its tensors stand in the raw contents, so that the answer's do, too. */
  readonly isRaw: boolean;
}

/**
 * Reads what a client asks. The tensors are views on the message where they lie aligned.
 * @throws ServiceError `invalid_argument` when the message is no request, or a tensor's values do not fill its shape
 */
export function readInferMessage(message: ReceivedInferRequest): ReadInferMessage {
  const { model_version: version, id, inputs, outputs, raw_input_contents: raw } = message;
  if (version !== '' && !VERSION.test(version)) {
    throw invalidInput(`model_version must be digits, such as "1"; received ${shown(version)}`);
  }
  if (raw.length > 0 && raw.length !== inputs.length) {
    const each = 'each input has one of them, in the same order';
    throw invalidInput(
      `raw_input_contents: expected ${inputs.length} for as many inputs, received ${raw.length}; ${each}`,
    );
  }
  const heads = inputs.map(toHead);
  assertFewBytesElements(heads);
  const tensors = new Map<string, AnyTensor>();
  for (const [index, head] of heads.entries()) {
    if (tensors.has(head.name)) throw invalidInput(`inputs[${index}]: ${shown(head.name)} comes twice`);
    tensors.set(head.name, toTensor(head, inputs[index]?.contents ?? null, raw[index]));
  }
  const parameters = fromParameterMessages(message.parameters);
  const request = {
    inputs: tensors,
    ...(version !== '' && { version }),
    ...(id !== '' && { id }),
    ...(outputs.length > 0 && { outputs: outputs.map(toChoice) }),
    ...(Object.keys(parameters).length > 0 && { parameters }),
  };
  return { request, isRaw: inputs.every(({ contents }) => contents === null) };
}

function toHead({ name, datatype, shape, parameters, contents }: TensorWithContents): TensorHead {
  if (parameters['shared_memory_region'] !== undefined) throw noSharedMemory(`input ${shown(name)}`);
  const dims = shape.map(Number);
  // Raw contents that do not fill a shape are refused.
  const closed = contents === null ? dims : closeShape(dims, valueCount(contents));
  return parseTensorHead({ name, datatype, shape: closed }, INPUTS);
}

/** Of the one list that holds values; of others the datatype is wrong, too. */
function valueCount(contents: NonNullable<TensorWithContents['contents']>): number {
  return Math.max(0, ...Object.values(contents).map(({ length }) => length));
}

function toTensor(
  head: TensorHead,
  contents: TensorWithContents['contents'],
  bytes: Uint8Array | undefined,
): AnyTensor {
  const { name } = head;
  if (bytes === undefined) return tensorOfValues(head, valuesOf(head, contents), INPUTS);
  if (filledLists(contents).length > 0) {
    throw invalidInput(`input ${shown(name)} has contents, and the request raw_input_contents; send either`);
  }
  return tensorOfBytes(head, bytes, INPUTS);
}

function valuesOf({ name, datatype }: TensorHead, contents: TensorWithContents['contents']): readonly unknown[] {
  if (isRawDatatype(datatype)) {
    throw invalidInput(`input ${shown(name)}: ${datatype} has no typed contents; send it in raw_input_contents`);
  }
  const field = CONTENTS_FIELD[datatype];
  const other = filledLists(contents).find((list) => list !== field);
  if (other !== undefined) {
    throw invalidInput(`input ${shown(name)}: values of ${datatype} stand in ${field}; received ${other}`);
  }
  return listOf(contents, datatype);
}

/** The lists that hold values: some clients set contents that hold none. */
function filledLists(contents: TensorWithContents['contents']): readonly string[] {
  return Object.entries(contents ?? {}).flatMap(([list, values]) => (values.length > 0 ? [list] : []));
}

function toChoice({ name, parameters }: InferRequestMessage['outputs'][number], index: number): string | OutputChoice {
  const { shared_memory_region: region, classification } = fromParameterMessages(parameters);
  if (region !== undefined) throw noSharedMemory(`output ${shown(name)}`);
  if (classification === undefined) return name;
  if (typeof classification === 'number' && Number.isSafeInteger(classification) && classification >= 1) {
    return { name, classification };
  }
  const received = shown(String(classification));
  throw invalidInput(
    `outputs[${index}].parameters.classification: expected an integer of 1 or more, received ${received}`,
  );
}

function shown(text: string): string {
  return JSON.stringify(excerpt(text));
}
