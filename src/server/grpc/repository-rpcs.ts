import type { ParameterValue } from '../../oip/parameters.js';
import type { RepositoryParameters } from '../../transformers/served-model.js';
import { adminIsOff } from '../admin-is-off.js';
import type { DataPlane, ModelState } from '../data-plane.js';
import type { Answer } from './unary.js';

/** A request of loading or unloading, as the general deserialiser gives it. */
interface ControlRequest {
  readonly repository_name: string;
  readonly model_name: string;
  readonly parameters: Readonly<Record<string, RepositoryParameterMessage>>;
}

/** One of them is there; an int64 as digits. */
interface RepositoryParameterMessage {
  readonly bool_param?: boolean;
  readonly int64_param?: string;
  readonly string_param?: string;
  readonly bytes_param?: Uint8Array;
}

/** The rpcs of the model repository extension. */
export interface RepositoryRpcs {
  readonly RepositoryIndex: Answer<{ readonly ready: boolean }, { readonly models: readonly ModelState[] }>;
  readonly RepositoryModelLoad: Answer<ControlRequest, { readonly model_name: string; readonly isLoaded: true }>;
  readonly RepositoryModelUnload: Answer<ControlRequest, { readonly model_name: string; readonly isUnloaded: true }>;
}

/**
 * The model repository extension. The messages of KServe and of Triton, which share a service's name and not their
 * fields, are both understood (see the proto).
 * @param options.isEnabled whether models may be listed with their state, loaded and unloaded at all
 */
export function repositoryRpcs(
  dataPlane: Pick<DataPlane, 'index' | 'load' | 'unload'>,
  { isEnabled }: { readonly isEnabled: boolean },
): RepositoryRpcs {
  const assertEnabled = () => {
    if (!isEnabled) throw adminIsOff();
  };
  return {
    RepositoryIndex: async ({ ready }) => {
      assertEnabled();
      const models = await dataPlane.index();
      return { models: ready ? models.filter(({ state }) => state === 'READY') : models };
    },
    RepositoryModelLoad: async (request, state) => {
      assertEnabled();
      const name = modelNameOf(request);
      await dataPlane.load(name, parametersOf(request), state.toCall());
      return { model_name: name, isLoaded: true };
    },
    RepositoryModelUnload: async (request, state) => {
      assertEnabled();
      const name = modelNameOf(request);
      await dataPlane.unload(name, parametersOf(request), state.toCall());
      return { model_name: name, isUnloaded: true };
    },
  };
}

/** Field 1 is the repository's name to Triton, and the model's to KServe, whose requests have no field 2. */
function modelNameOf({ repository_name: first, model_name: second }: ControlRequest): string {
  return second === '' ? first : second;
}

function parametersOf({ parameters }: ControlRequest): RepositoryParameters {
  return Object.fromEntries(Object.entries(parameters).map(([name, parameter]) => [name, valueOf(parameter)]));
}

function valueOf(parameter: RepositoryParameterMessage): ParameterValue | Uint8Array {
  const { bool_param, int64_param, string_param, bytes_param } = parameter;
  if (int64_param === undefined) return bool_param ?? string_param ?? bytes_param ?? '';
  const exact = Number(int64_param);
  return Number.isSafeInteger(exact) ? exact : BigInt(int64_param);
}
