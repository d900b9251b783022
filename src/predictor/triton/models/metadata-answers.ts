import * as z from 'zod';
import type { ModelMetadata, ServerMetadata } from '../administration.js';
import { wireInteger } from '../parse-answer.js';

/** Servers of the Open Inference Protocol in Python write null for what they do not have. */
const textsSchema = z
  .array(z.string())
  .nullish()
  .transform((texts) => texts ?? []);

/** A server's metadata, of either protocol. */
export const serverMetadataSchema: z.ZodType<ServerMetadata> = z.object({
  name: z.string(),
  version: z.string(),
  extensions: textsSchema,
});

const tensorsSchema = z
  .array(z.object({ name: z.string(), datatype: z.string(), shape: z.array(wireInteger) }))
  .nullish()
  .transform((tensors) => tensors ?? []);

/** A model's metadata, of either protocol. */
export const modelMetadataSchema: z.ZodType<ModelMetadata> = z.object({
  name: z.string(),
  versions: textsSchema,
  platform: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
  inputs: tensorsSchema,
  outputs: tensorsSchema,
});
