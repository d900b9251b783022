/** The service of inference, as its paths and reflection name it. */
export const INFERENCE_SERVICE = 'inference.GRPCInferenceService';

/** The rpc that a call of a model is, for logs and traces. */
export const MODEL_INFER = `${INFERENCE_SERVICE}/ModelInfer`;

/** The same for each request of a stream. */
export const MODEL_STREAM_INFER = `${INFERENCE_SERVICE}/ModelStreamInfer`;

const HEALTH_SERVICE = 'grpc.health.v1.Health';

/**
 * What machines ask every few seconds, which have no token: everybody may, and it is logged at debug level. As on REST:
 * liveness and readiness, of the server and of a model.
 */
export function isProbe(rpc: string): boolean {
  return rpc.startsWith(`${HEALTH_SERVICE}/`) || PROBES.has(rpc);
}

const PROBES: ReadonlySet<string> = new Set(
  ['ServerLive', 'ServerReady', 'ModelReady'].map((name) => `${INFERENCE_SERVICE}/${name}`),
);
