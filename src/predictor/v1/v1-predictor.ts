import { excerpt, ServiceError } from '../../errors.js';
import { isTrue, type NetworkPredictorOptions, toCallOptions, toClientOptions } from '../network-predictor.js';
import { type CallOptions, type InferRequest, type ModelInfo, outputName, type Predictor } from '../predictor.js';
import { assertTlsFits, formatPredictorAddress } from '../triton/address.js';
import { subjectOf } from '../triton/answer.js';
import { createClientCalls } from '../triton/calls/client-calls.js';
import { completeOptions } from '../triton/complete-options.js';
import { createHttpConnection } from '../triton/http/http-connection.js';
import { toJsonText } from '../triton/json-text.js';
import { modelKey } from '../triton/models/kept-models.js';
import { modelName } from '../triton/names.js';
import { SUBJECTS } from '../triton/subjects.js';
import type { TransportCall } from '../triton/transport.js';
import { instancesBody } from './instances.js';
import { toOutputs } from './predictions.js';
import type { V1Address } from './v1-address.js';
import { createV1Server, type V1Request } from './v1-server.js';

/** All that V1 says of a model: it takes rows, however many, whatever they are. */
const UNDESCRIBED: Omit<ModelInfo, 'name'> = {
  inputs: [],
  outputs: [],
  maxBatchSize: Infinity,
  versions: [],
  platform: '',
};

/** Writes a body, in pieces; the signal ends that. */
type ToBody = (signal: AbortSignal) => readonly Uint8Array[] | Promise<readonly Uint8Array[]>;

/**
 * A server of KServe's V1 protocol as a predictor: KServe's SDK with its servers for sklearn and the like, TorchServe
 * behind KServe's wrapper, TensorFlow Serving. It describes no models, so that `modelInfo` says no more than that there
 * is one; it has neither streams nor a repository; and the parameters of a request are passed over.
 * @throws ServiceError `invalid_argument` for options that are none
 */
export function createV1Predictor(address: V1Address, options: NetworkPredictorOptions): Predictor {
  const complete = completeOptions(toClientOptions(options));
  const httpAddress = { ...address, protocol: 'v2' } as const;
  assertTlsFits(complete.tls, httpAddress);
  const origin = formatPredictorAddress(httpAddress);
  const connection = createHttpConnection(origin, complete);
  const server = createV1Server(connection);
  /** Models that the server has answered for. */
  const known = new Set<string>();
  const calls = createClientCalls(origin, complete, () => known.clear());

  const post = (request: Omit<V1Request, 'body'>, toBody: ToBody, call?: CallOptions) =>
    calls.send(
      () => `The call to ${subjectOf(modelName(request))}`,
      toCallOptions(call),
      // Written when it has its place, so that calls that wait do not hold it.
      async (wire) => server.post({ ...request, body: await toBody(wire.signal) }, wire),
    );
  const ask = (subject: string, call: CallOptions | undefined, send: (wire: TransportCall) => Promise<boolean>) =>
    isTrue(
      calls.runner.run(
        () => `The call to the predictor for ${subject}`,
        toCallOptions(call),
        (running) => running.send(send),
      ),
      call,
    );

  return {
    address: origin,
    infer: async (request, call) => {
      const { model, version = '', inputs } = request;
      refuseClassification(request);
      const answer = await post({ model, version, verb: 'predict' }, (signal) => instancesBody(inputs, signal), call);
      return { outputs: toOutputs(answer, request) };
    },
    v1: {
      predict: (model, body, call) => post({ model, verb: 'predict' }, () => toPieces(body), call),
      explain: (model, body, call) => post({ model, verb: 'explain' }, () => toPieces(body), call),
    },
    modelInfo: async (reference, call) => {
      const { model } = modelName(reference);
      await calls.runner.run(
        () => `The call to the predictor for ${subjectOf({ model })}`,
        toCallOptions(call),
        async (running) => {
          const key = modelKey(reference);
          if (known.has(key)) return;
          await calls.retries.run(running, () => running.send((wire) => server.isModelReady(reference, wire)));
          known.add(key);
        },
      );
      return { name: model, ...UNDESCRIBED };
    },
    isModelReady: async (reference, call) =>
      ask(subjectOf(modelName(reference)), call, (wire) => server.isModelReady(reference, wire)),
    isServerReady: (call) => ask(SUBJECTS.ready, call, (wire) => server.isServerReady(wire)),
    close: () => {
      calls.runner.close();
      return connection.close();
    },
  };
}

function refuseClassification({ outputs = [] }: InferRequest): void {
  const classified = outputs.find((output) => typeof output !== 'string' && output.classification !== undefined);
  if (classified === undefined) return;
  const name = excerpt(outputName(classified));
  throw new ServiceError('unimplemented', `outputs: the predictor speaks V1, which has no classification (${name})`);
}

/** The JSON of a body, which may be bytes already: these keep whatever digits they have. */
function toPieces(body: unknown): readonly Uint8Array[] {
  return [body instanceof Uint8Array ? body : Buffer.from(toJsonText('body', body), 'utf8')];
}
