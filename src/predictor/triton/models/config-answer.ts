import * as z from 'zod';
import type { ModelConfig } from './model-config.js';

/**
 * The 64-bit fields of model_config.proto. gRPC brings them as digits, and so does Triton's JSON where it forgets to
 * mend what protobuf writes (sequence_batching.state.initial_state.dims for one).
 */
export const INT64_FIELDS: readonly string[] = [
  'default_priority_level',
  'default_timeout_microseconds',
  'device_id',
  'dim',
  'dims',
  'max_queue_delay_microseconds',
  'max_sequence_idle_microseconds',
  'model_version',
  'priority_levels',
  'shape',
  'versions',
];

/** The fields of single precision, which JSON writes with as few digits as tell them apart. */
export const FLOAT_FIELDS: readonly string[] = ['fp32_false_true', 'minimum_slot_utilization'];

/** The fields that hold texts by names of the user's, which may be those above. */
export const TEXT_MAPS: readonly string[] = [
  'cc_model_filenames',
  'input_map',
  'metric_tags',
  'output_map',
  'parameters',
];

const SINGLE_PRECISION_DIGITS = 9;

const tensorsSchema = z.exactOptional(
  z.array(z.looseObject({ name: z.string(), data_type: z.string(), dims: z.array(z.number()) })),
);

const configSchema: z.ZodType<ModelConfig> = z.looseObject({
  name: z.exactOptional(z.string()),
  platform: z.exactOptional(z.string()),
  backend: z.exactOptional(z.string()),
  max_batch_size: z.exactOptional(z.int().min(0)),
  input: tensorsSchema,
  output: tensorsSchema,
  dynamic_batching: z.exactOptional(z.looseObject({ preferred_batch_size: z.exactOptional(z.array(z.number())) })),
  sequence_batching: z.exactOptional(z.looseObject({})),
  model_transaction_policy: z.exactOptional(z.looseObject({ decoupled: z.exactOptional(z.boolean()) })),
});

/**
 * A model's configuration, of either protocol: messages that are not there are left out, 64-bit numbers are numbers.
 * Over gRPC a field that the server does not know yet has its default.
 */
export const modelConfigSchema: z.ZodType<ModelConfig> = z
  .unknown()
  .transform((config) => normalize(config, ''))
  .pipe(configSchema);

function normalize(value: unknown, field: string): unknown {
  if (TEXT_MAPS.includes(field)) return value;
  if (Array.isArray(value)) return value.map((item) => normalize(item, field));
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== null);
    return Object.fromEntries(members.map(([name, member]) => [name, normalize(member, name)]));
  }
  if (typeof value === 'string' && INT64_FIELDS.includes(field)) return Number(value);
  if (typeof value === 'number' && FLOAT_FIELDS.includes(field)) return shortest(value);
  return value;
}

/** The number of fewest digits that is the same in single precision: 0.1 for 0.10000000149011612. */
function shortest(value: number): number {
  for (let digits = 1; digits < SINGLE_PRECISION_DIGITS; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return short;
  }
  return Number(value.toPrecision(SINGLE_PRECISION_DIGITS));
}
