import type { ServedModel } from '../transformers/served-model.js';
import type { CallState, Protocol } from './call-state.js';
import type { DataPlane } from './data-plane.js';

/**
 * Begins a call of a model: notes which one, and gives it. What is not served is noted under no name, since clients can
 * make up any number of them.
 * @param call.route how the call is named in traces: a method and a route, or an rpc
 * @throws ServiceError `not_found` when the model is not served
 */
export function beginCall(
  dataPlane: Pick<DataPlane, 'model' | 'modelNames'>,
  state: CallState,
  { protocol, name, route }: { readonly protocol: Protocol; readonly name: string; readonly route: string },
): ServedModel {
  const isServed = dataPlane.modelNames().includes(name);
  state.begin({ protocol, modelName: isServed ? name : '', name: route });
  return dataPlane.model(name);
}
