import * as z from 'zod';
import { ServiceError } from '../../../errors.js';
import { toJsonText } from '../json-text.js';
import type { LoadModelRequest, ModelIndexEntry } from '../administration.js';

const FILE_PREFIX = 'file:';

/** A repository's models, of either protocol. */
export const repositoryIndexSchema: z.ZodType<readonly ModelIndexEntry[]> = z.array(
  z.object({
    name: z.string(),
    version: z.string().default(''),
    state: z.string().default(''),
    reason: z.string().default(''),
  }),
);

/**
 * The parameters of a load (Triton's model repository extension): `config` as JSON text, `file:<path>` as bytes.
 * @throws ServiceError `invalid_argument` for a configuration that JSON cannot hold, and for files
 * without one, which Triton would pass over in silence
 */
export function loadParameters({ config, files = {} }: LoadModelRequest): ReadonlyMap<string, string | Uint8Array> {
  if (config === undefined && Object.keys(files).length > 0) {
    throw new ServiceError('invalid_argument', 'files must come together with config');
  }
  const parameters = new Map<string, string | Uint8Array>();
  if (config !== undefined) parameters.set('config', toJsonText('config', config));
  for (const [path, bytes] of Object.entries(files)) parameters.set(`${FILE_PREFIX}${path}`, bytes);
  return parameters;
}
