import { excerpt, ServiceError } from '../../errors.js';
import type { AnyTensor } from '../../tensor.js';
import { SIDE } from './size.js';

/** A digit that came as the numbers of a tensor: 28 × 28 grey values, row by row. */
export class GreyValues {
  /**
   * @param values a view on the request
   * @param white the value of white; black is 0
   */
  constructor(
    readonly values: Float32Array | Float64Array | Uint8Array,
    readonly white: 1 | 255,
  ) {}
}

/** The datatypes that grey values may have, and what white is in them. */
const WHITE = { FP32: 1, FP64: 1, UINT8: 255 } as const;

/** One digit's shape, and how a batch of them may be shaped, for messages. */
const ACCEPTED = `[N,${SIDE},${SIDE}], [N,1,${SIDE},${SIDE}] or [${SIDE},${SIDE}]`;

/**
 * The digits that a tensor holds.
 * @throws ServiceError `invalid_argument` for another shape or datatype than grey values have
 */
export function splitDigits(name: string, tensor: AnyTensor): GreyValues[] {
  const { datatype, shape } = tensor;
  const received = `received ${JSON.stringify(excerpt(name))} ${datatype} [${excerpt(shape.join(','))}]`;
  if (datatype !== 'FP32' && datatype !== 'FP64' && datatype !== 'UINT8') {
    throw invalid(`inputs: expected grey values as FP32 or FP64 of 0..1, or UINT8 of 0..255; ${received}`);
  }
  const count = countOf(shape);
  if (count === undefined) throw invalid(`inputs: expected grey values of shape ${ACCEPTED}; ${received}`);
  const size = SIDE * SIDE;
  return Array.from(
    { length: count },
    (_, digit) => new GreyValues(tensor.data.subarray(digit * size, (digit + 1) * size), WHITE[datatype]),
  );
}

/** How many digits a shape holds; undefined when it is none of ACCEPTED. */
function countOf(shape: readonly number[]): number | undefined {
  const [rows, columns] = shape.slice(-2);
  const before = shape.slice(0, -2);
  if (rows !== SIDE || columns !== SIDE || before.length > 2) return undefined;
  const [count = 1, channels = 1] = before;
  return channels === 1 ? count : undefined;
}

/**
 * An item's grey values, 0 (black) to 1 (white), row by row; undefined when it is no array of numbers but, if anything,
 * a picture. V1's clients send arrays of JSON: rows of values, with a channel of one before or behind them or without.
 * @throws ServiceError `invalid_argument` saying where a value is missing, or is not within its range
 */
export function readGreyValues(item: unknown): Float32Array | undefined {
  if (item instanceof GreyValues) return scaled(item);
  return Array.isArray(item) ? fromRows(item) : undefined;
}

function scaled({ values, white }: GreyValues): Float32Array {
  const wrong = values.findIndex((value) => !isWithin(value, white));
  if (wrong !== -1) throw invalid(outOfRange(values[wrong], wrong));
  return Float32Array.from(values, (value) => value / white);
}

function fromRows(item: readonly unknown[]): Float32Array {
  const [only] = item;
  const rows = item.length === 1 && Array.isArray(only) ? (only as readonly unknown[]) : item;
  if (rows.length !== SIDE) throw invalid(`expected ${SIDE} rows of grey values, received ${rows.length}`);
  const grey = new Float32Array(SIDE * SIDE);
  for (const [y, row] of rows.entries()) {
    if (!Array.isArray(row) || row.length !== SIDE) {
      const received = Array.isArray(row) ? row.length : `a ${typeof row}`;
      throw invalid(`expected ${SIDE} grey values in row ${y}, received ${received}`);
    }
    for (const [x, cell] of (row as readonly unknown[]).entries()) {
      const value: unknown = Array.isArray(cell) && cell.length === 1 ? cell[0] : cell;
      if (!isWithin(value, 1)) throw invalid(outOfRange(value, y * SIDE + x));
      grey[y * SIDE + x] = value;
    }
  }
  return grey;
}

function isWithin(value: unknown, white: number): value is number {
  return typeof value === 'number' && value >= 0 && value <= white;
}

function outOfRange(value: unknown, at: number): string {
  const place = `row ${Math.floor(at / SIDE)}, column ${at % SIDE}`;
  const received = typeof value === 'number' ? value : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
  return `expected grey values of 0 (black) to 1 (white), received ${received} in ${place}; 0..255 go as UINT8`;
}

function invalid(message: string): ServiceError {
  return new ServiceError('invalid_argument', message);
}
