import { ServiceError } from '../../errors.js';
import { inferRanges } from '../../predictor/batch-infer.js';
import type { CallOptions, ModelInfo, NamedTensors, Predictor } from '../../predictor/predictor.js';
import type { AnyTensor } from '../../tensor.js';
import { readFloats } from '../read-floats.js';
import type { RequestContext, TransformerServices } from '../transformer.js';
import { batchByLength, type BatchLimits } from './batches.js';
import type { Head } from './head.js';

/** A model of the BERT family that classifies texts, or an encoder with a head of ours. */
export interface TextModel {
  /** Its name on the predictor. */
  readonly name: string;
  /** The output that is read: logits `[B, labels]`, or embeddings `[B, head.width]`. */
  readonly output: string;
  readonly labels: readonly string[];
  readonly head: Head | undefined;
  readonly padId: number;
}

/** What running the model takes. */
export interface TextRunner {
  readonly predictor: Pick<Predictor, 'infer' | 'modelInfo'>;
  readonly maxBodyBytes: number;
  readonly call: CallOptions;
  readonly addTime: (name: string, ms: number) => void;
}

/** A row of the model's input. */
export interface TokenRow {
  readonly ids: readonly number[];
  /** Whether the model sees each token, 1 or 0; all of them when absent. */
  readonly mask?: Uint8Array;
}

/** The logits of each text, in the order of the labels. */
export type Predicted = readonly Float32Array[];

const IDS = 'input_ids';
const MASK = 'attention_mask';
/** Which of two sentences a token is of: always the first. Only some models have it. */
const TYPES = 'token_type_ids';

/** Of a predictor that does not say what its model takes. */
const USUAL_INPUTS: readonly InputForm[] = [
  { name: IDS, datatype: 'INT64' },
  { name: MASK, datatype: 'INT64' },
];

/** Rows in one call where the model names no limit. */
const MAX_ROWS = 64;

/** Tokens in one call, padding included: 64 texts of 128, or 32 of 256. */
const MAX_TOKENS = 8192;

interface InputForm {
  readonly name: string;
  readonly datatype: 'INT64' | 'INT32';
}

/** What the model of one request is run with. */
export function textRunner(
  { predictor, maxPredictorBodyBytes }: Pick<TransformerServices, 'predictor' | 'maxPredictorBodyBytes'>,
  { call, addTime }: Pick<RequestContext, 'call' | 'addTime'>,
): TextRunner {
  return { predictor, maxBodyBytes: maxPredictorBodyBytes, call, addTime };
}

/**
 * Runs the model over rows of tokens, those of like length together, each batch padded to its longest row.
 * @returns the logits of each row, in order
 * @throws ServiceError `upstream_error` naming the model when it takes or answers other than it can; what the predictor
 * throws
 */
export async function predict(runner: TextRunner, model: TextModel, rows: readonly TokenRow[]): Promise<Predicted> {
  if (rows.length === 0) return [];
  const startedAt = performance.now();
  const info = await runner.predictor.modelInfo(model.name, runner.call);
  const inputs = inputForms(model.name, info);
  const { order, ranges } = batchByLength(
    rows.map(({ ids }) => ids.length),
    batchLimits(info, inputs.length, runner.maxBodyBytes),
  );
  const sorted = order.flatMap((row) => rows[row] ?? []);
  const build = (from: number, to: number) =>
    Promise.resolve(inputTensors(sorted.slice(from, to), { inputs, padId: model.padId }));
  const job = { model: model.name, outputs: [model.output], ranges, build };
  const outputs = await inferRanges(runner.predictor, job, runner.call);
  runner.addTime(model.name, performance.now() - startedAt);
  const answers = readRows(model, outputs, rows.length);
  const logits: Float32Array[] = [];
  for (const [at, row] of order.entries()) logits[row] = answers[at] ?? new Float32Array();
  return logits;
}

/** The model's inputs that are known, with their datatypes. */
function inputForms(model: string, { inputs }: Pick<ModelInfo, 'inputs'>): readonly InputForm[] {
  if (inputs.length === 0) return USUAL_INPUTS;
  return inputs.map(({ name, datatype }) => {
    const isKnown = [IDS, MASK, TYPES].includes(name);
    if (isKnown && (datatype === 'INT64' || datatype === 'INT32')) return { name, datatype };
    const expected = `expected the inputs ${IDS}, ${MASK} and perhaps ${TYPES}, of INT64 or INT32`;
    throw new ServiceError('upstream_error', `Model ${model} is none that takes tokens: ${expected}; it has ${name}`);
  });
}

function batchLimits({ maxBatchSize }: ModelInfo, inputCount: number, maxBodyBytes: number): BatchLimits {
  const bytesPerToken = inputCount * BigInt64Array.BYTES_PER_ELEMENT;
  return {
    rows: Math.min(MAX_ROWS, Math.max(1, maxBatchSize)),
    tokens: Math.min(MAX_TOKENS, Math.floor(maxBodyBytes / bytesPerToken)),
  };
}

function inputTensors(
  rows: readonly TokenRow[],
  { inputs, padId }: { readonly inputs: readonly InputForm[]; readonly padId: number },
): NamedTensors {
  const length = Math.max(...rows.map(({ ids }) => ids.length));
  const values: Readonly<Record<string, (row: TokenRow, at: number) => number>> = {
    [IDS]: ({ ids }, at) => ids[at] ?? padId,
    [MASK]: ({ ids, mask }, at) => (at < ids.length ? (mask?.[at] ?? 1) : 0),
    [TYPES]: () => 0,
  };
  return new Map(
    inputs.map(({ name, datatype }) => {
      const valueOf = values[name];
      const flat = rows.flatMap((row) => Array.from({ length }, (_, at) => valueOf?.(row, at) ?? 0));
      const shape = [rows.length, length];
      const tensor: AnyTensor =
        datatype === 'INT64'
          ? { datatype, shape, data: BigInt64Array.from(flat, BigInt) }
          : { datatype, shape, data: Int32Array.from(flat) };
      return [name, tensor];
    }),
  );
}

/** The logits of each row, in the order of the answer. */
function readRows({ name, output, labels, head }: TextModel, outputs: NamedTensors, count: number): Float32Array[] {
  const width = head?.width ?? labels.length;
  const values = readFloats(outputs, { model: name, output, shape: [count, width] });
  return Array.from({ length: count }, (_, row) => {
    const own = values.slice(row * width, (row + 1) * width);
    return head === undefined ? own : head.logits(own);
  });
}
