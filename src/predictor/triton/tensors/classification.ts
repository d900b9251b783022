import { excerpt, ServiceError } from '../../../errors.js';
import type { AnyTensor } from '../../../tensor.js';
import { toStrings } from './read-tensor.js';

/** One of the highest values of an output that was asked for as classification. */
export interface Classification {
  readonly value: number;
  /** Its place in the output. */
  readonly index: number;
  /** The model's name for that place, where it has one; may hold ':'. */
  readonly label?: string;
}

const ENTRY = /^(?<value>[^:]+):(?<index>\d+)(?::(?<label>.*))?$/s;

/** How C++ prints what is no number or not finite. */
const SPECIAL_VALUES = new Map([
  ['nan', NaN],
  ['-nan', NaN],
  ['inf', Infinity],
  ['-inf', -Infinity],
]);

/**
 * Reads an output that was asked for as classification (Triton's classification extension): BYTES of shape
 * `[batch, n]`, or `[n]` of a model without batching, with elements `value:index[:label]`.
 * @returns a row for each item of the batch, the highest value first
 * @throws ServiceError `invalid_argument` when the tensor is no such output
 */
export function parseClassification(tensor: AnyTensor): Classification[][] {
  const entries = toStrings(tensor).map(parseEntry);
  const perRow = tensor.shape.at(-1) ?? 1;
  const rows = tensor.shape.slice(0, -1).reduce((product, dim) => product * dim, 1);
  return Array.from({ length: rows }, (_, row) => entries.slice(row * perRow, (row + 1) * perRow));
}

function parseEntry(text: string, position: number): Classification {
  const parts = ENTRY.exec(text)?.groups;
  const printed = parts?.['value'] ?? '';
  const value = SPECIAL_VALUES.get(printed) ?? Number(printed);
  if (parts === undefined || (Number.isNaN(value) && !SPECIAL_VALUES.has(printed))) {
    const received = JSON.stringify(excerpt(text));
    throw new ServiceError('invalid_argument', `data[${position}] must be value:index[:label]; received ${received}`);
  }
  const { label } = parts;
  return { value, index: Number(parts['index']), ...(label !== undefined && { label }) };
}
