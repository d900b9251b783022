import type { TritonTransport } from '../../src/predictor/triton/transport.js';
import type { TritonInferRequest, TritonInferResult } from '../../src/predictor/triton/inference.js';
import { completeOptions } from '../../src/predictor/triton/complete-options.js';
import { createClientOver } from '../../src/predictor/triton/create-client-over.js';
import type { TritonClientOptions } from '../../src/predictor/triton/client-options.js';
import { float32Tensor } from '../../src/tensor.js';
import { createWaitingRoom } from './waiting-room.js';

/** A request for the model `faces`: rows of four numbers, the first of which is `first`. */
export function facesRequest(first = 0, batchSize = 1): TritonInferRequest {
  const data = Float32Array.from({ length: batchSize * 4 }, (_, index) => first + index);
  return { model: 'faces', inputs: { input: float32Tensor([batchSize, 4], data) } };
}

/** An answer that holds the request's own inputs. */
export function echoOf(request: TritonInferRequest): TritonInferResult {
  const outputs = new Map(Object.entries(request.inputs));
  return {
    model: request.model,
    version: '1',
    id: request.id ?? '',
    outputs,
    sharedOutputs: new Map(),
    parameters: {},
  };
}

/** The first number of an answer. */
export function firstOf(result: TritonInferResult): unknown {
  return result.outputs.get('input')?.data[0];
}

/** A transport of literals: it echoes, and knows the model `faces`; what else a test needs it gives itself. */
export function literalTransport(calls: Partial<TritonTransport> = {}): TritonTransport {
  const transport: Partial<TritonTransport> = {
    address: 'grpc://nowhere:8001',
    infer: (request) => Promise.resolve(echoOf(request)),
    modelMetadata: () =>
      Promise.resolve({
        name: 'faces',
        versions: ['1'],
        platform: 'onnxruntime_onnx',
        inputs: [{ name: 'input', datatype: 'FP32', shape: [-1, 4] }],
        outputs: [{ name: 'output', datatype: 'FP32', shape: [-1, 4] }],
      }),
    modelConfig: () => Promise.resolve({ max_batch_size: 8 }),
    close: () => Promise.resolve(),
    ...calls,
  };
  return transport as TritonTransport;
}

/** A client over a transport of literals. */
export function literalClient(calls: Partial<TritonTransport> = {}, options: TritonClientOptions = {}) {
  return createClientOver(literalTransport(calls), completeOptions(options));
}

/** An `infer` whose calls wait until they are let go; and how many there were, at once and in all. */
export function waitingInfer() {
  const room = createWaitingRoom();
  const counts = { atOnce: 0, mostAtOnce: 0, sent: 0 };
  const infer = async (request: TritonInferRequest): Promise<TritonInferResult> => {
    counts.sent++;
    counts.atOnce++;
    counts.mostAtOnce = Math.max(counts.mostAtOnce, counts.atOnce);
    await room.enter();
    counts.atOnce--;
    return echoOf(request);
  };
  return { infer, counts, room };
}
