import { ServiceError } from '../errors.js';
import { type AnyTensor, TYPED_ARRAYS } from '../tensor.js';

/** What all typed arrays have in common when their elements are copied. */
interface Fillable {
  set(values: ArrayLike<unknown>, offset: number): void;
}

/**
 * Joins tensors in order along their first dimension. A single one is returned as it is; else the values are copied once.
 * @param subject whose tensors they are, for the message: `model face_detect, output scores`
 * @throws ServiceError `upstream_error` when datatypes or other dimensions differ
 */
export function joinTensors(parts: readonly AnyTensor[], subject: string): AnyTensor {
  const [first, ...others] = parts;
  if (first === undefined) throw new RangeError('There is no tensor to join');
  if (others.length === 0) return first;
  const kind = kindOf(first);
  const different = others.find((part) => kindOf(part) !== kind);
  if (different !== undefined) {
    const message = `The predictor's answers for ${subject} do not fit together: ${kind} and ${kindOf(different)}`;
    throw new ServiceError('upstream_error', message);
  }
  const shape = [parts.reduce((sum, part) => sum + (part.shape[0] ?? 0), 0), ...first.shape.slice(1)];
  if (first.datatype === 'BYTES') {
    return { datatype: 'BYTES', shape, data: parts.flatMap((part) => (part.datatype === 'BYTES' ? part.data : [])) };
  }
  const data = new TYPED_ARRAYS[first.datatype](parts.reduce((sum, part) => sum + part.data.length, 0));
  // All parts have the datatype of the first: the compiler sees unions.
  const target = data as unknown as Fillable;
  let offset = 0;
  for (const part of parts) {
    target.set(part.data, offset);
    offset += part.data.length;
  }
  return { datatype: first.datatype, shape, data } as AnyTensor;
}

function kindOf(tensor: AnyTensor): string {
  return `${tensor.datatype} [?,${tensor.shape.slice(1).join(',')}]`;
}
