import { ServiceError, toServiceError } from '../../errors.js';
import type { TensorMetadata } from '../../predictor/predictor.js';
import type { DataPlane, ServerInfo } from '../data-plane.js';
import type { Answer } from './unary.js';

/** A model, and a version of it; an empty one leaves the choice to the server. */
interface ModelRequest {
  readonly name: string;
  readonly version: string;
}

interface ModelMetadataMessage {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
}

/** The rpcs that tell what the server and its models are, and whether they are ready. */
export interface MetadataRpcs {
  readonly ServerLive: Answer<object, { readonly live: true }>;
  readonly ServerReady: Answer<object, { readonly ready: boolean }>;
  readonly ServerMetadata: Answer<object, ServerInfo>;
  readonly ModelReady: Answer<ModelRequest, { readonly ready: boolean }>;
  readonly ModelMetadata: Answer<ModelRequest, ModelMetadataMessage>;
}

/**
 * Metadata and readiness. What is not ready answers so, with status OK, as the protocol has it; a model that there is
 * not is `not_found`.
 */
export function metadataRpcs(dataPlane: DataPlane): MetadataRpcs {
  return {
    ServerLive: () => ({ live: true }),
    ServerReady: async () => ({ ready: await isReady(dataPlane.assertReady()) }),
    ServerMetadata: () => dataPlane.info,
    ModelReady: async ({ name, version }, state) => {
      const model = dataPlane.model(name);
      if (!(await isReady(dataPlane.assertModelReady(name)))) return { ready: false };
      return { ready: version === '' || (await model.isVersionReady(version, state.toCall())) };
    },
    ModelMetadata: async ({ name, version }, state) => {
      const model = dataPlane.model(name);
      const info = await model.metadata(version === '' ? undefined : version, state.toCall());
      const { versions, platform, inputs, outputs } = info;
      return { name: info.name, versions, platform, inputs, outputs };
    },
  };
}

/**
 * Whether a check of readiness has passed.
 * @throws ServiceError what it has failed with, unless that is `unavailable`
 */
function isReady(check: Promise<void>): Promise<boolean> {
  return check.then(
    () => true,
    (thrown: unknown) => {
      if (thrown instanceof ServiceError && thrown.code === 'unavailable') return false;
      throw toServiceError(thrown);
    },
  );
}
