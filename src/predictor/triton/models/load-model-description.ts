import { ServiceError } from '../../../errors.js';
import type { ModelReference, TritonAdministration } from '../administration.js';
import type { ModelConfig } from './model-config.js';
import { describeModel, type ModelDescription } from './model-description.js';

/** What a server answers that speaks the protocol, but has no configurations to show, being no Triton. */
const NO_ROUTE: readonly string[] = ['NOT_FOUND', 'UNIMPLEMENTED'];
const HTTP_METHOD_NOT_ALLOWED = 405;

/**
 * Asks a server for a model's metadata and configuration at the same time.
 * @param rest what each call of the server takes behind its own arguments
 * @throws ServiceError as the calls; except that a server without configurations is described by its metadata alone
 */
export async function loadModelDescription<Rest extends readonly unknown[]>(
  server: Pick<TritonAdministration<Rest>, 'modelMetadata' | 'modelConfig'>,
  reference: ModelReference,
  ...rest: Rest
): Promise<ModelDescription> {
  const [metadata, config] = await Promise.all([
    server.modelMetadata(reference, ...rest),
    server.modelConfig(reference, ...rest).catch(withoutConfig),
  ]);
  return describeModel(typeof reference === 'string' ? reference : reference.model, metadata, config);
}

function withoutConfig(error: unknown): ModelConfig | undefined {
  const upstream = error instanceof ServiceError ? error.upstream : undefined;
  const hasNone =
    upstream !== undefined && (NO_ROUTE.includes(upstream.status) || upstream.httpStatus === HTTP_METHOD_NOT_ALLOWED);
  if (hasNone) return undefined;
  throw error;
}
