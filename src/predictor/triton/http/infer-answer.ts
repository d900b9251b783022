import * as z from 'zod';
import { flatten } from '../../../oip/flatten.js';
import { isRoundedInteger } from '../../../oip/json-integers.js';
import { type ParameterValue, parametersOfJson } from '../../../oip/parameters.js';
import { parseJson, parseJsonWithLongIntegersAsText } from './json.js';

const LONG_DATATYPES: readonly string[] = ['INT64', 'UINT64'];

/** Servers of the Open Inference Protocol in Python write null for what they do not have. */
const textSchema = z
  .string()
  .nullish()
  .transform((text) => text ?? '');

const schema = z.object({
  model_name: textSchema,
  model_version: textSchema,
  id: textSchema,
  parameters: z.record(z.string(), z.unknown()).nullish(),
  outputs: z.array(
    z.object({
      name: z.string(),
      datatype: z.string(),
      shape: z.array(z.number()),
      // Its elements are checked with the tensor, once.
      data: z.custom<readonly unknown[]>(Array.isArray, 'expected an array').optional(),
      parameters: z.looseObject({ binary_data_size: z.int().min(0).optional() }).nullish(),
    }),
  ),
});

type AnswerJson = z.infer<typeof schema>;

/** One output as the answer's JSON tells of it. */
export interface AnswerOutput {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  /** How many of the bytes behind the JSON are its values; undefined when it has none there. */
  readonly binaryBytes: number | undefined;
  /** Its values, row by row, when they stand in the JSON: 64-bit integers beyond 2^53 as their digits. */
  readonly values: readonly unknown[] | undefined;
}

/** The JSON of an inference's answer. */
export interface InferAnswer {
  readonly model: string;
  readonly version: string;
  readonly id: string;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly outputs: readonly AnswerOutput[];
}

/** The heads of binary answers are the same, call after call, but for the batch size: so many are kept as they were read. */
const KEPT_ANSWERS = 64;

/** Longer ones are not kept. */
const MAX_KEPT_CHARS = 2048;

const kept = new Map<string, InferAnswer>();

/**
 * Reads the JSON of an inference's answer, as readInferAnswer does. One that holds no values, only where they lie behind
 * it, is read once (15 us) and then known by its text (1 us).
 */
export function parseInferAnswer(json: Uint8Array, subject: string): InferAnswer {
  if (json.byteLength > MAX_KEPT_CHARS) return readInferAnswer(json, subject);
  const text = Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('latin1');
  const known = kept.get(text);
  if (known !== undefined) return known;
  const answer = readInferAnswer(json, subject);
  if (answer.id === '' && answer.outputs.every(({ binaryBytes }) => binaryBytes !== undefined)) {
    if (kept.size >= KEPT_ANSWERS) kept.clear();
    kept.set(text, answer);
  }
  return answer;
}

/**
 * Reads the JSON of an inference's answer. Integers keep all their digits; parameters that are no single value, as
 * some servers add them, are passed over.
 * @param subject what was asked, for messages: `model face_detect`
 * @throws ServiceError `upstream_error` when it is no answer
 */
function readInferAnswer(json: Uint8Array, subject: string): InferAnswer {
  const answer = parseJson(json, schema, subject);
  const exact = hasRounded(answer) ? parseJsonWithLongIntegersAsText(json, schema, subject) : answer;
  return {
    model: answer.model_name,
    version: answer.model_version,
    id: answer.id,
    parameters: parametersOfJson(answer.parameters, exact.parameters),
    outputs: answer.outputs.map(({ name, datatype, shape, data, parameters }, index) => {
      const values = LONG_DATATYPES.includes(datatype) ? exact.outputs[index]?.data : data;
      return {
        name,
        datatype,
        shape,
        binaryBytes: parameters?.binary_data_size,
        values: values && flatten(values),
      };
    }),
  };
}

function hasRounded({ parameters, outputs }: AnswerJson): boolean {
  if (Object.values(parameters ?? {}).some(isRoundedInteger)) return true;
  return outputs.some(
    ({ datatype, data = [] }) => LONG_DATATYPES.includes(datatype) && flatten(data).some(isRoundedInteger),
  );
}
