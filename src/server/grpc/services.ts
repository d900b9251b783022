import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { loadInferenceProto } from '../../oip/grpc/inference-proto.js';
import { INFERENCE_SERVICE } from './rpc-names.js';

/** A method of which the general (de)serialisers are used. */
export type GeneralMethod = MethodDefinition<object, object>;

/** What is served, as its proto says. */
export interface Services {
  /** The rpcs of inference by their names. */
  readonly inference: Readonly<Record<string, GeneralMethod>>;
  /** The same for grpc-js; messages are bytes both ways, which the handlers read and write themselves. */
  readonly inferenceOfBytes: ServiceDefinition;
}

/** The service of inference. */
export function loadServices(): Services {
  // The loader knows a service by its methods' names and no more.
  const inference = loadInferenceProto()[INFERENCE_SERVICE] as unknown as Record<string, GeneralMethod>;
  const ofBytes = Object.entries(inference).map(([name, method]) => {
    return [name, { ...method, requestDeserialize: unchanged, responseSerialize: unchanged }] as const;
  });
  return { inference, inferenceOfBytes: Object.fromEntries(ofBytes) };
}

function unchanged(bytes: Buffer): Buffer {
  return bytes;
}
