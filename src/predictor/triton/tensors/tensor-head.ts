import { excerpt } from '../../../errors.js';
import { type Datatype, isDatatype } from '../../../tensor.js';
import { invalidAnswer } from '../upstream-error.js';

/** What an answer says of one output, before its values. */
export interface TensorHead {
  readonly name: string;
  readonly datatype: Datatype;
  /** Every dimension is known: 0 or more. */
  readonly shape: readonly number[];
}

/**
 * Checks what an answer says of one output.
 * @param subject whose answer it is, for messages: `model face_detect`
 * @throws ServiceError `upstream_error` for an unknown datatype or a shape that is none
 */
export function parseTensorHead(
  head: { name: string; datatype: string; shape: readonly number[] },
  subject: string,
): TensorHead {
  const { name, datatype, shape } = head;
  if (!isDatatype(datatype)) {
    throw invalidAnswer(subject, `output ${name} has the unknown datatype ${JSON.stringify(excerpt(datatype))}`);
  }
  if (!shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0)) {
    throw invalidAnswer(subject, `output ${name} has the shape [${excerpt(shape.join(','))}]`);
  }
  return { name, datatype, shape };
}
