import { fileURLToPath } from 'node:url';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { protoPath as healthProto } from 'grpc-health-check';
import { INFERENCE_SERVICE } from './rpc-names.js';

/** The same place for the sources and for what is built from them. */
const INFERENCE_PROTO = fileURLToPath(new URL('../../../protos/grpc_service.proto', import.meta.url));

/** A method of which the general (de)serialisers are used. */
export type GeneralMethod = MethodDefinition<object, object>;

/** What is served, as its protos say. */
export interface Services {
  /** The rpcs of inference by their names. */
  readonly inference: Readonly<Record<string, GeneralMethod>>;
  /** The same for grpc-js; messages are bytes both ways, which the handlers read and write themselves. */
  readonly inferenceOfBytes: ServiceDefinition;
  /** All that reflection shows. */
  readonly reflected: PackageDefinition;
}

/** Loads the protos; takes some 50 ms, so once per server. */
export function loadServices(): Services {
  const options = { keepCase: true, longs: String, enums: String, defaults: true };
  const protos = loadSync(INFERENCE_PROTO, options);
  // The loader knows a service by its methods' names and no more.
  const inference = protos[INFERENCE_SERVICE] as unknown as Record<string, GeneralMethod>;
  const ofBytes = Object.entries(inference).map(([name, method]) => {
    return [name, { ...method, requestDeserialize: unchanged, responseSerialize: unchanged }] as const;
  });
  return {
    inference,
    inferenceOfBytes: Object.fromEntries(ofBytes),
    reflected: { ...protos, ...loadSync(healthProto, options) },
  };
}

function unchanged(bytes: Buffer): Buffer {
  return bytes;
}
