/**
 * The Triton client, usable alone: `import { createTritonClient } from 'kserve-transformer/triton'`.
 * @module
 */
export { type ErrorCode, ServiceError, type ServiceErrorDetails, type UpstreamStatus } from '../../errors.js';
export type { Span, SpanAttributes } from '../../observability/span.js';
export type { AnyTensor, Datatype, FixedDatatype, Tensor } from '../../tensor.js';
export type { CallOptions, ModelInfo, NamedTensors, TensorMetadata } from '../predictor.js';
export { type PredictorAddress, type PredictorProtocol, parsePredictorAddress } from './address.js';
export type * from './administration.js';
export type { Auth, Credentials } from './calls/authorization.js';
export type { ClientLogger, RetryOptions, TritonClientOptions } from './client-options.js';
export type * from './connect-options.js';
export { createTritonClient } from './create-triton-client.js';
export type * from './inference.js';
export type * from './models/model-config.js';
export type { SharedMemoryInferResult } from './shared-memory/read-outputs.js';
export {
  type SharedMemoryCallOptions,
  type SharedMemoryClient,
  type SharedMemoryOptions,
  type WrappedClient,
  withSharedMemory,
} from './shared-memory/shared-memory-client.js';
export { fromBfloat16, toBfloat16 } from './tensors/bfloat16.js';
export { type Classification, parseClassification } from './tensors/classification.js';
export { createTensor, type TensorValues } from './tensors/create-tensor.js';
export { fromFloat16, toFloat16 } from './tensors/float16.js';
export { toFloat32Array, toNumbers, toStrings } from './tensors/read-tensor.js';
export type { InferCallback, InferHandle, TritonCallOptions, TritonClient } from './triton-client.js';
