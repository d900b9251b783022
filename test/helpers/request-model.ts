import type { InferRequest, InferResponse } from '../../src/predictor/predictor.js';
import type { ServedCall } from '../../src/transformers/served-call.js';
import type { RequestModel } from '../../src/transformers/served-model.js';

/** A model that takes requests whole, and what it was asked. */
export interface FakeRequestModel extends RequestModel {
  readonly asked: { readonly request: InferRequest; readonly call: ServedCall }[];
}

/** A model that answers with its inputs, or as a test has it. */
export function requestModel(
  changes: Partial<RequestModel> & {
    readonly onInfer?: (request: InferRequest, call: ServedCall) => InferResponse | Promise<InferResponse>;
  } = {},
): FakeRequestModel {
  const { onInfer = ({ inputs }) => ({ outputs: inputs, version: '3' }), ...rest } = changes;
  const asked: FakeRequestModel['asked'] = [];
  return {
    kind: 'requests',
    name: 'echo',
    asked,
    readiness: { check: () => Promise.resolve({ ready: true, reason: '' }), watch: () => () => undefined },
    infer: async (request, call) => {
      asked.push({ request, call });
      return onInfer(request, call);
    },
    metadata: () =>
      Promise.resolve({ name: 'echo', inputs: [], outputs: [], maxBatchSize: 0, versions: ['3'], platform: 'fake' }),
    isVersionReady: (version) => Promise.resolve(version === '3'),
    v1: () => Promise.reject(new Error('not asked here')),
    ...rest,
  };
}
