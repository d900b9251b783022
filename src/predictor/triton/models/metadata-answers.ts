import * as z from 'zod';
import type { ModelMetadata, ServerMetadata } from '../administration.js';
import { wireInteger } from '../parse-answer.js';

/** A server's metadata, of either protocol. */
export const serverMetadataSchema: z.ZodType<ServerMetadata> = z.object({
  name: z.string(),
  version: z.string(),
  extensions: z.array(z.string()).default([]),
});

const tensorsSchema = z
  .array(z.object({ name: z.string(), datatype: z.string(), shape: z.array(wireInteger) }))
  .default([]);

/** A model's metadata, of either protocol. */
export const modelMetadataSchema: z.ZodType<ModelMetadata> = z.object({
  name: z.string(),
  versions: z.array(z.string()).default([]),
  platform: z.string().default(''),
  inputs: tensorsSchema,
  outputs: tensorsSchema,
});
