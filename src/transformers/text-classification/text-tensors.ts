import { excerpt, ServiceError } from '../../errors.js';
import type { NamedTensors, TensorMetadata } from '../../predictor/predictor.js';
import type { AnyTensor } from '../../tensor.js';
import type { Item } from '../transformer.js';
import { CharacterCodes } from './text-item.js';

/** One text an element, in UTF-8. */
export const TEXT_INPUT: TensorMetadata = { name: 'text', datatype: 'BYTES', shape: [-1] };

/** What a client names tokens that it has made itself; as character codes they would be nonsense. */
const TOKEN_INPUTS: readonly string[] = ['input_ids', 'attention_mask', 'attention_masks', 'token_type_ids'];

/**
 * The texts of a request of the Open Inference Protocol, input by input: each element of a BYTES tensor is one, and each
 * tensor of integers is one, as the codes of its characters, which is what KServe's BERT clients send. Inputs may have any
 * names; these clients make new ones each time.
 * @throws ServiceError `invalid_argument` for other datatypes, for tokens, and for codes of several texts in one tensor
 */
export function textItems(inputs: NamedTensors): readonly Item[] {
  if (inputs.size === 0) throw unexpected('received no input');
  return [...inputs].flatMap(([name, tensor], index): Item[] => {
    if (TOKEN_INPUTS.includes(name)) {
      throw unexpected(`received tokens, ${name}: the passthrough transformer hands those on`);
    }
    if (tensor.datatype === 'BYTES') {
      return tensor.data.map((value, element) => ({ path: `inputs[${index}].data[${element}]`, value }));
    }
    return [{ path: `inputs[${index}]`, value: new CharacterCodes(codesOf(name, tensor)) }];
  });
}

function codesOf(name: string, { datatype, shape, data }: Exclude<AnyTensor, { datatype: 'BYTES' }>) {
  const shown = JSON.stringify(excerpt(name));
  if (!/^U?INT\d+$/.test(datatype)) throw unexpected(`received ${shown} of datatype ${datatype}`);
  // [37], [1, 37]; more dimensions than one that are not 1 are several texts.
  if (shape.filter((dim) => dim !== 1).length > 1) {
    throw unexpected(`received ${shown} of shape [${shape.join(',')}]: send each text as an input of its own`);
  }
  return data;
}

function unexpected(received: string): ServiceError {
  const expected = `a BYTES tensor "${TEXT_INPUT.name}", a text an element, or an INT64 tensor of character codes for each text`;
  return new ServiceError('invalid_argument', `inputs: expected ${expected}; ${received}`);
}
