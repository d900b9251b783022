import * as z from 'zod';
import { excerpt, ServiceError } from '../../errors.js';
import { isRoundedInteger, quoteLongIntegers } from '../../oip/json-integers.js';
import { flatten } from '../../oip/flatten.js';
import { DATATYPES } from '../../tensor.js';
import { firstIssue } from '../first-issue.js';
import { parseJsonObject } from '../json-body.js';

const LONG_DATATYPES: readonly string[] = ['INT64', 'UINT64'];

const parametersSchema = z.record(z.string(), z.unknown()).nullish();

/** One input as its JSON describes it (Open Inference Protocol, "$request_input"; binary tensor data extension). */
const inputSchema = z.looseObject({
  name: z.string(),
  shape: z.array(z.int().min(0)),
  // Which there are is checked with the tensor.
  datatype: z.string().meta({ enum: DATATYPES }),
  // Its elements are checked with the tensor, once.
  data: z
    .custom<readonly unknown[]>(Array.isArray, 'expected an array')
    .register(z.globalRegistry, {
      type: 'array',
      description: 'Row by row, flat or nested as the shape. BYTES are texts',
    })
    .optional(),
  parameters: z
    .looseObject({
      binary_data_size: z
        .int()
        .min(0)
        .optional()
        .describe("How many of the bytes behind the JSON are this tensor's; there is no `data` then"),
      shared_memory_region: z.unknown().optional().describe('Refused: regions cannot be used through this server'),
    })
    .nullish(),
});

/** One output that is asked for. */
const outputSchema = z.looseObject({
  name: z.string(),
  parameters: z
    .looseObject({
      binary_data: z.boolean().optional().describe('Whether this output is wanted as binary data'),
      classification: z.int().min(1).optional().describe('The n highest values as `value:index:label` instead'),
      shared_memory_region: z.unknown().optional().describe('Refused, as for inputs'),
    })
    .nullish(),
});

/** The JSON of an inference request. */
export const inferRequestSchema = z.looseObject({
  id: z.string().nullish().describe('Comes back in the answer'),
  parameters: parametersSchema.describe('`binary_data_output`: whether all outputs are wanted as binary data'),
  inputs: z.array(inputSchema),
  outputs: z.array(outputSchema).nullish().describe('The outputs wanted; all of them when there is none'),
});

/** The JSON of an inference request, checked. */
export type InferRequestJson = z.infer<typeof inferRequestSchema>;

/** A request's JSON, and the same with integers beyond 2^53 as texts of their digits where it has such. */
export interface ExactInferRequest {
  readonly json: InferRequestJson;
  readonly exact: InferRequestJson;
}

/**
 * Reads the JSON of an inference request.
 * @param value the text as parsed already, where it is
 * @throws ServiceError `invalid_argument` when it is none, naming the first place that is wrong
 */
export function parseInferRequestJson(text: Buffer, value: unknown = parseJsonObject(text)): ExactInferRequest {
  const json = checked(value);
  const exact = hasRounded(json) ? checked(JSON.parse(quoteLongIntegers(text.toString('utf8')))) : json;
  return { json, exact };
}

/** Whether a JSON object is an inference request, rather than V1's column form `{"inputs": …}`. */
export function isInferRequest(body: Readonly<Record<string, unknown>>): boolean {
  const { inputs } = body;
  return Array.isArray(inputs) && inputs.every(isTensorLike);
}

function isTensorLike(input: unknown): boolean {
  return typeof input === 'object' && input !== null && 'datatype' in input && 'shape' in input;
}

function checked(value: unknown): InferRequestJson {
  const result = inferRequestSchema.safeParse(value);
  if (result.success) return result.data;
  throw new ServiceError('invalid_argument', excerpt(firstIssue(result.error), 200));
}

function hasRounded({ parameters, inputs }: InferRequestJson): boolean {
  if (Object.values(parameters ?? {}).some(isRoundedInteger)) return true;
  return inputs.some(
    ({ datatype, data = [] }) => LONG_DATATYPES.includes(datatype) && flatten(data).some(isRoundedInteger),
  );
}
