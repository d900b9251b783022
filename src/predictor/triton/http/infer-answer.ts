import * as z from 'zod';
import type { ParameterValue } from '../inference.js';
import { parseJson, parseJsonWithLongIntegersAsText } from './json.js';

/** How deep arrays are followed: as deep as Triton itself lets JSON be nested, and far beyond any tensor's rank. */
const MAX_NESTING = 100;

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

/**
 * Reads the JSON of an inference's answer. Integers keep all their digits; parameters that are no single value, as
 * some servers add them, are passed over.
 * @param subject what was asked, for messages: `model face_detect`
 * @throws ServiceError `upstream_error` when it is no answer
 */
export function parseInferAnswer(json: Uint8Array, subject: string): InferAnswer {
  const answer = parseJson(json, schema, subject);
  const exact = hasRounded(answer) ? parseJsonWithLongIntegersAsText(json, schema, subject) : answer;
  return {
    model: answer.model_name,
    version: answer.model_version,
    id: answer.id,
    parameters: parametersOf(answer, exact),
    outputs: answer.outputs.map(({ name, datatype, shape, data, parameters }, index) => ({
      name,
      datatype,
      shape,
      binaryBytes: parameters?.binary_data_size,
      values: flat(LONG_DATATYPES.includes(datatype) ? exact.outputs[index]?.data : data),
    })),
  };
}

function hasRounded({ parameters, outputs }: AnswerJson): boolean {
  if (Object.values(parameters ?? {}).some(isRounded)) return true;
  return outputs.some(
    ({ datatype, data }) => LONG_DATATYPES.includes(datatype) && flat(data)?.some(isRounded) === true,
  );
}

function isRounded(value: unknown): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

function parametersOf(answer: AnswerJson, exact: AnswerJson): Record<string, ParameterValue> {
  const parameters: Record<string, ParameterValue> = {};
  for (const [name, value] of Object.entries(answer.parameters ?? {})) {
    const digits = isRounded(value) ? exact.parameters?.[name] : undefined;
    if (typeof digits === 'string') parameters[name] = BigInt(digits);
    else if (isParameterValue(value)) parameters[name] = value;
  }
  return parameters;
}

function isParameterValue(value: unknown): value is ParameterValue {
  return ['string', 'boolean', 'number'].includes(typeof value);
}

/** Nested arrays are as good as flat ones (Open Inference Protocol, "Tensor Data"), which are not copied. */
function flat(data: readonly unknown[] | undefined): readonly unknown[] | undefined {
  return data?.some(Array.isArray) === true ? data.flat(MAX_NESTING) : data;
}
