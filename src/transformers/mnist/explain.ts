import type { TensorMetadata } from '../../predictor/predictor.js';
import { decimals } from '../decimals.js';
import { type ModelRunner, runModel } from '../image-model.js';
import { softmax } from '../softmax.js';
import type { OutputForm } from '../transformer.js';
import { digitOf } from './postprocess.js';
import { mnistModel, predict } from './predict.js';
import { normalise, type Prepared } from './preprocess.js';
import { buildRows, planRows, sharesOf } from './shapley.js';
import { SIDE } from './size.js';

/** How explanations are made. */
export interface ExplainSettings {
  /** Rows sent to the predictor for one digit, at most; MIN_ROWS or more. */
  readonly maxRows: number;
  readonly seed: number;
}

/** What each pixel adds to the probability of the digit that was predicted: `[1, 28, 28]`, as nested arrays. */
export type Attributions = readonly (readonly (readonly number[])[])[];

/** The same as a tensor; NaN for a bad item, whose `response` says why. */
const EXPLAIN_OUTPUT: TensorMetadata = { name: 'explain', datatype: 'FP64', shape: [-1, SIDE, SIDE] };

/** Attributions as the outputs of the Open Inference Protocol. */
export const EXPLAINED: OutputForm<Attributions> = {
  outputs: [EXPLAIN_OUTPUT],
  toOutputs: (attributions) => {
    const size = SIDE * SIDE;
    const data = new Float64Array(attributions.length * size).fill(NaN);
    for (const [index, of] of attributions.entries()) if (of !== undefined) data.set(of.flat(2), index * size);
    return new Map([[EXPLAIN_OUTPUT.name, { datatype: 'FP64', shape: [attributions.length, SIDE, SIDE], data }]]);
  },
};

/** Shares are told to a millionth: finer than their noise. */
const DECIMALS = 6;

/**
 * Explains what each digit is taken for: by how much each pixel raises, or lowers, the probability of the predicted digit
 * against a picture without ink. It asks the predictor about variants of the digit that lack some of their ink, and
 * nothing else. One digit after the other, so that the memory that is needed does not grow with them.
 */
export async function explain(
  runner: ModelRunner,
  modelName: string,
  what: { readonly prepared: Prepared; readonly settings: ExplainSettings },
): Promise<Attributions[]> {
  const { prepared, settings } = what;
  const predicted = await predict(runner, modelName, prepared);
  const explained: Attributions[] = [];
  for (const [index, digit] of prepared.digits.entries()) {
    const logits = predicted[index];
    if (logits === undefined) continue;
    const plan = planRows(digit, settings);
    const pixels = { input: normalise(digit), black: normalise(Float32Array.of(0))[0] ?? 0 };
    const sample = (from: number, to: number) => Promise.resolve(buildRows(plan, pixels, [from, to]));
    const rows = await runModel(runner, mnistModel(modelName), { count: plan.rows, sample });
    const scores = Float64Array.from(rows, (row) => softmax(row)[digitOf(logits)] ?? 0);
    explained.push(nested(sharesOf(plan, digit, scores)));
  }
  return explained;
}

function nested(shares: Float64Array): Attributions {
  const rounded = Array.from(shares, (share) => decimals(share, DECIMALS));
  return [Array.from({ length: SIDE }, (_, row) => rounded.slice(row * SIDE, (row + 1) * SIDE))];
}
