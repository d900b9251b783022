import type { InferRequest } from '../../src/predictor/predictor.js';
import type { RequestModel } from '../../src/transformers/served-model.js';
import type { ServedCall } from '../../src/transformers/served-call.js';

/** A served model that gives back what it gets, and keeps it. */
export interface EchoModel extends RequestModel {
  readonly requests: InferRequest[];
  readonly calls: ServedCall[];
}

/** Makes a model that takes requests whole, and answers them with their own inputs, or as a test wants it. */
export function echoModel(changes: Partial<RequestModel> = {}): EchoModel {
  const requests: InferRequest[] = [];
  const calls: ServedCall[] = [];
  const { name = 'echo' } = changes;
  return {
    kind: 'requests',
    name,
    readiness: { check: () => Promise.resolve({ ready: true, reason: '' }), watch: () => () => undefined },
    infer: async (request, call) => {
      requests.push(request);
      calls.push(call);
      return {
        outputs: request.inputs,
        version: '3',
        ...(request.parameters !== undefined && { parameters: request.parameters }),
      };
    },
    v1: async (verb, body, call) => {
      calls.push(call);
      return { verb, body };
    },
    metadata: async (version) => ({
      name,
      inputs: [{ name: 'input', datatype: 'FP32', shape: [-1, 2] }],
      outputs: [{ name: 'input', datatype: 'FP32', shape: [-1, 2] }],
      maxBatchSize: 8,
      versions: version === undefined ? ['1', '3'] : [version],
      platform: 'onnxruntime_onnx',
    }),
    isVersionReady: async (version) => version !== '2',
    ...changes,
    requests,
    calls,
  };
}
