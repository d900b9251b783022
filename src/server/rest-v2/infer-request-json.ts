import * as z from 'zod';
import { excerpt } from '../../errors.js';
import { isRoundedInteger, quoteLongIntegers } from '../../oip/json-integers.js';
import { flatten } from '../../oip/flatten.js';
import { OPEN_DIM } from '../../oip/open-shape.js';
import { DATATYPES } from '../../tensor.js';
import { firstIssue } from '../first-issue.js';
import { invalidInput } from '../input-side.js';
import { jsonText, parseJsonObject } from '../json-body.js';

const LONG_DATATYPES: readonly string[] = ['INT64', 'UINT64'];

/**
 * Inputs, outputs or parameters of one request: far more than any model has, and few enough that the schema, which tells
 * of each one that is wrong, is soon through with them.
 */
const MAX_ENTRIES = 10_000;

const parametersSchema = z.looseObject({ binary_data_output: z.boolean().optional() }).nullish();

/** One input as its JSON describes it (Open Inference Protocol, "$request_input"; binary tensor data extension). */
const inputSchema = z.object({
  name: z.string(),
  // One complaint, however many dimensions are wrong.
  shape: z
    .custom<readonly number[]>(isShape, 'expected an array of whole numbers from 0 to 2^53 - 1')
    .register(z.globalRegistry, {
      type: 'array',
      items: { type: 'integer', minimum: OPEN_DIM },
      description: 'One dimension may be -1, as long as `data` makes it',
    }),
  // Which there are is checked with the tensor.
  datatype: z.string().meta({ enum: DATATYPES }),
  // Its elements are checked with the tensor, once.
  data: z
    .custom<readonly unknown[]>(Array.isArray, 'expected an array')
    .register(z.globalRegistry, {
      type: 'array',
      description: 'Row by row, flat or nested as the shape. BYTES are texts',
    })
    .nullish(),
  parameters: z
    .object({
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
const outputSchema = z.object({
  name: z.string(),
  parameters: z
    .object({
      binary_data: z.boolean().optional().describe('Whether this output is wanted as binary data'),
      classification: z.int().min(1).optional().describe('The n highest values as `value:index:label` instead'),
      shared_memory_region: z.unknown().optional().describe('Refused, as for inputs'),
    })
    .nullish(),
});

/** The JSON of an inference request. Unknown keys are passed over. */
export const inferRequestSchema = z.object({
  id: z.string().nullish().describe('Comes back in the answer'),
  parameters: parametersSchema.describe('`binary_data_output`: whether all outputs are wanted as binary data'),
  inputs: z.array(inputSchema),
  outputs: z.array(outputSchema).nullish().describe('The outputs wanted; all of them when there is none'),
});

/** What of a request has integers that JSON.parse may round. */
const exactSchema = z.object({ parameters: parametersSchema, inputs: z.array(inputSchema.pick({ data: true })) });

/** The JSON of an inference request, checked. */
export type InferRequestJson = z.infer<typeof inferRequestSchema>;

/** A request's JSON, and the same with integers beyond 2^53 as texts of their digits where it has such. */
export interface ExactInferRequest {
  readonly json: InferRequestJson;
  readonly exact: z.infer<typeof exactSchema>;
}

/**
 * Reads the JSON of an inference request.
 * @param value the text as parsed already, where it is
 * @throws ServiceError `invalid_argument` when it is none, naming the first place that is wrong
 */
export function parseInferRequestJson(
  text: Buffer,
  value: Readonly<Record<string, unknown>> = parseJsonObject(text),
): ExactInferRequest {
  for (const key of ['inputs', 'outputs', 'parameters']) assertFewEntries(key, value[key]);
  const json = checked(inferRequestSchema, withShapes(value));
  if (!hasRounded(json)) return { json, exact: json };
  const digits = JSON.parse(quoteLongIntegers(jsonText(text))) as Readonly<Record<string, unknown>>;
  return { json, exact: checked(exactSchema, withShapes(digits)) };
}

/**
 * The same request in which a shape that is no list, -1, is a list of one open dimension, and a text by itself a list of
 * one. KServe's BERT client for TorchServe sends `{"shape": -1, "datatype": "BYTES", "data": "…"}`.
 */
function withShapes(request: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { inputs } = request;
  if (!Array.isArray(inputs) || !inputs.some(isOpen)) return request;
  return { ...request, inputs: inputs.map((input: unknown) => (isOpen(input) ? withShape(input) : input)) };
}

/** An input whose shape is no list. */
interface OpenInput {
  readonly shape: unknown;
  readonly data: string | readonly unknown[];
}

function isOpen(input: unknown): input is OpenInput {
  if (typeof input !== 'object' || input === null) return false;
  const { shape, data } = input as { shape?: unknown; data?: unknown };
  return shape === OPEN_DIM && (Array.isArray(data) || typeof data === 'string');
}

function withShape(input: OpenInput): OpenInput {
  return { ...input, shape: [OPEN_DIM], data: typeof input.data === 'string' ? [input.data] : input.data };
}

/**
 * Whether a JSON object is meant as an inference request, rather than as V1's column form `{"inputs": …}`: each input
 * has at least one of the two keys that all tensors have.
 */
export function isInferRequest(body: Readonly<Record<string, unknown>>): boolean {
  const { inputs } = body;
  return Array.isArray(inputs) && inputs.every(isTensorLike);
}

function isTensorLike(input: unknown): boolean {
  return typeof input === 'object' && input !== null && ('datatype' in input || 'shape' in input);
}

function isShape(value: unknown): boolean {
  return Array.isArray(value) && value.every((dim: unknown) => Number.isSafeInteger(dim) && Number(dim) >= OPEN_DIM);
}

function assertFewEntries(key: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const { length } = Array.isArray(value) ? value : Object.keys(value);
  if (length > MAX_ENTRIES) throw invalidInput(`${key}: has ${length} entries, more than ${MAX_ENTRIES}`);
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalidInput(excerpt(firstIssue(result.error), 200));
}

function hasRounded({ parameters, inputs }: InferRequestJson): boolean {
  if (Object.values(parameters ?? {}).some(isRoundedInteger)) return true;
  return inputs.some(({ datatype, data }) => {
    return LONG_DATATYPES.includes(datatype) && flatten(data ?? []).some(isRoundedInteger);
  });
}
