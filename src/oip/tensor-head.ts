import { excerpt } from '../errors.js';
import { type Datatype, elementCount, isDatatype } from '../tensor.js';
import type { TensorSide } from './tensor-side.js';

/** Far more dimensions than a tensor has: numpy ends at 64, Triton's backends before. */
export const MAX_DIMS = 100;

/** What a message says of one tensor, before its values. */
export interface TensorHead {
  readonly name: string;
  readonly datatype: Datatype;
  /** Every dimension is known: 0 or more. */
  readonly shape: readonly number[];
}

/**
 * Checks what a message says of one tensor.
 * @throws ServiceError the side's own for an unknown datatype, and for a shape that is none or holds 2^53 elements
 */
export function parseTensorHead(
  head: { name: string; datatype: string; shape: readonly number[] },
  side: TensorSide,
): TensorHead {
  const { name, datatype, shape } = head;
  if (!isDatatype(datatype)) {
    const unknown = JSON.stringify(excerpt(datatype));
    throw side.invalid(`${side.noun} ${excerpt(name)} has the unknown datatype ${unknown}`);
  }
  if (!isShape(shape)) {
    throw side.invalid(`${side.noun} ${excerpt(name)} has the shape ${shapeText(shape)}`);
  }
  return { name, datatype, shape };
}

/** A shape for messages: `[1,3,640,640]`, cut where it is long. */
export function shapeText(shape: readonly number[]): string {
  return `[${excerpt(shape.slice(0, MAX_DIMS).join(','))}]`;
}

function isShape(shape: readonly number[]): boolean {
  return (
    shape.length <= MAX_DIMS &&
    shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0) &&
    Number.isSafeInteger(elementCount(shape))
  );
}
