import * as z from 'zod';
import { DATATYPES } from '../../tensor.js';

/** How every error is answered. */
export const errorSchema = z.looseObject({
  error: z.string().describe('What is wrong, where, and what is accepted'),
});

/** `GET /`. */
export const aliveSchema = z.looseObject({ status: z.literal('alive') });

/** `GET /v2/health/live`. */
export const liveSchema = z.looseObject({ live: z.literal(true) });

/** `GET /v2/health/ready`. */
export const readySchema = z.looseObject({ ready: z.literal(true) });

/** `GET /v1/models` and `GET /v2/models`. */
export const modelListSchema = z.looseObject({ models: z.array(z.string()).describe('The names of what is served') });

/** `GET /v1/models/{name}` and `GET /v2/models/{name}/ready`. */
export const modelReadySchema = z.looseObject({ name: z.string(), ready: z.literal(true) });

/** `GET /v2` (Open Inference Protocol, "Server Metadata Response JSON Object"). */
export const serverMetadataSchema = z.looseObject({
  name: z.string(),
  version: z.string(),
  extensions: z.array(z.string()),
});

/** `GET /openapi.json`, as far as it says what it is. */
export const openApiSchema = z.looseObject({
  openapi: z.literal('3.1.0'),
  info: z.looseObject({ title: z.string(), version: z.string() }),
  paths: z.looseObject({}),
});

const datatype = z.enum(DATATYPES as [string, ...string[]]);

const tensorMetadataSchema = z.looseObject({
  name: z.string(),
  datatype,
  shape: z.array(z.int().min(-1)).describe('-1 stands for any size'),
});

/** `GET /v2/models/{name}` ("Model Metadata Response JSON Object"). */
export const modelMetadataSchema = z.looseObject({
  name: z.string(),
  versions: z.array(z.string()),
  platform: z.string(),
  inputs: z.array(tensorMetadataSchema),
  outputs: z.array(tensorMetadataSchema),
});

const outputTensorSchema = z.looseObject({
  name: z.string(),
  shape: z.array(z.int().min(0)),
  datatype,
  parameters: z
    .looseObject({ binary_data_size: z.int().min(0).optional() })
    .optional()
    .describe('`binary_data_size`: the bytes that the tensor takes behind the JSON; there is no `data` then'),
  data: z
    .array(z.union([z.number(), z.string(), z.boolean(), z.null()]))
    .optional()
    .describe('Row by row, flat. NaN and infinities are null'),
});

/** `POST /v2/models/{name}/infer` ("Inference Response JSON Object"; binary tensor data extension). */
export const inferResponseSchema = z.looseObject({
  model_name: z.string(),
  model_version: z.string().optional(),
  id: z.string().describe("The request's own id, or that of the HTTP request"),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  outputs: z.array(outputTensorSchema),
});

/** `POST /v2/repository/index` (model repository extension). */
export const repositoryIndexSchema = z.array(
  z.looseObject({
    name: z.string(),
    version: z.string(),
    state: z.enum(['READY', 'UNAVAILABLE']),
    reason: z.string().describe('Why it is not ready'),
  }),
);

/** `POST /v2/repository/models/{name}/load`. */
export const loadedSchema = z.looseObject({ name: z.string(), load: z.literal(true) });

/** `POST /v2/repository/models/{name}/unload`. */
export const unloadedSchema = z.looseObject({ name: z.string(), unload: z.literal(true) });
