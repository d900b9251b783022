import { excerpt } from '../../errors.js';
import { MAX_DIMS } from '../../oip/tensor-head.js';
import { elementCount, type AnyTensor } from '../../tensor.js';
import { type InferRequest, type NamedTensors, outputName } from '../predictor.js';
import { subjectOf } from '../triton/answer.js';
import { invalidAnswer } from '../triton/upstream-error.js';

/** What KServe's SDK calls the output of a model that names none (utils.py, get_predict_response). */
const NAMELESS_OUTPUT = 'output-0';

type Asked = Pick<InferRequest, 'model' | 'outputs'>;

type Rows = readonly unknown[];

/**
 * Reads the answer of a V1 call, `{"predictions": …}`, as tensors whose first dimension counts the rows: objects become a
 * tensor for each of their keys; anything else is one, by the name that was asked for, or `output-0`. Numbers are FP32, or
 * FP64 where that would change an integer or overflow; booleans are BOOL; texts, and `{"b64": …}`, are BYTES.
 * @throws ServiceError `upstream_error` when the rows are not alike, and when an output asked for is missing
 */
export function toOutputs(answer: unknown, asked: Asked): NamedTensors {
  const subject = subjectOf(asked);
  const rows: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'predictions') : undefined;
  if (!isList(rows)) throw invalidAnswer(subject, 'predictions: expected a list');
  const wanted = asked.outputs?.map(outputName);
  const tensors = new Map<string, AnyTensor>();
  for (const [name, column] of columnsOf(rows, wanted?.[0] ?? NAMELESS_OUTPUT, subject)) {
    tensors.set(name, toTensor(name, column, subject));
  }
  if (wanted === undefined) return tensors;
  return new Map(
    wanted.map((name) => {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw invalidAnswer(subject, `output ${excerpt(name)} is missing`);
      return [name, tensor];
    }),
  );
}

/** The values of each output, row by row. */
function columnsOf(rows: Rows, name: string, subject: string): (readonly [name: string, column: Rows])[] {
  const [first] = rows;
  if (!isRecord(first) || isBase64(first)) return [[name, rows]];
  const keys = Object.keys(first);
  const records = rows.map((row, index) => {
    const fits =
      isRecord(row) && Object.keys(row).length === keys.length && keys.every((key) => Object.hasOwn(row, key));
    if (fits) return row;
    throw invalidAnswer(subject, `predictions[${index}]: expected an object with the keys ${excerpt(keys.join(', '))}`);
  });
  return keys.map((key) => [key, records.map((record) => record[key])]);
}

function toTensor(name: string, rows: Rows, subject: string): AnyTensor {
  const shape = shapeOf(rows);
  const elements: unknown[] = [];
  const collect = (value: unknown, depth: number): void => {
    const isAsDeep = depth < shape.length ? isList(value) && value.length === shape[depth] : !isList(value);
    if (!isAsDeep) throw invalidAnswer(subject, `output ${excerpt(name)} is ragged: its rows differ in shape`);
    if (isList(value)) for (const element of value) collect(element, depth + 1);
    else elements.push(value);
  };
  if (shape.length > MAX_DIMS)
    throw invalidAnswer(subject, `output ${excerpt(name)} has more than ${MAX_DIMS} dimensions`);
  collect(rows, 0);
  const tensor = tensorOf(shape, elements);
  if (tensor !== undefined) return tensor;
  const problem = `output ${excerpt(name)} holds ${kindsOf(elements)}, but numbers, booleans or texts are expected`;
  throw invalidAnswer(subject, problem);
}

/** The lengths of the first lists. */
function shapeOf(rows: Rows): number[] {
  const shape: number[] = [];
  for (let value: unknown = rows; isList(value) && shape.length <= MAX_DIMS; value = value[0]) shape.push(value.length);
  return shape;
}

/** The tensor of elements that are all of one kind; none at all are numbers. */
function tensorOf(shape: readonly number[], elements: readonly unknown[]): AnyTensor | undefined {
  if (elements.every((element) => typeof element === 'number')) {
    return elements.every(isExactEnough)
      ? { datatype: 'FP32', shape, data: Float32Array.from(elements) }
      : { datatype: 'FP64', shape, data: Float64Array.from(elements) };
  }
  if (elements.every((element) => typeof element === 'boolean')) {
    return { datatype: 'BOOL', shape, data: Uint8Array.from(elements, Number) };
  }
  const texts = elements.map(toBytes).filter((bytes) => bytes !== undefined);
  return texts.length === elementCount(shape) ? { datatype: 'BYTES', shape, data: texts } : undefined;
}

/** Whether a number stands for the same in FP32, but for rounded fractions. */
function isExactEnough(value: number): boolean {
  const rounded = Math.fround(value);
  return Number.isInteger(value) ? rounded === value : Number.isFinite(rounded) || !Number.isFinite(value);
}

function toBytes(element: unknown): Uint8Array | undefined {
  if (typeof element === 'string') return Buffer.from(element, 'utf8');
  return isBase64(element) ? Buffer.from(element.b64, 'base64') : undefined;
}

/** How TensorFlow Serving and KServe write bytes that are no text. */
function isBase64(value: unknown): value is { readonly b64: string } {
  return isRecord(value) && typeof value['b64'] === 'string' && Object.keys(value).length === 1;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is Rows {
  return Array.isArray(value);
}

function kindsOf(elements: readonly unknown[]): string {
  return [...new Set(elements.map((element) => (element === null ? 'null' : typeof element)))].join(' and ');
}
