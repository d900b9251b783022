import { fileURLToPath } from 'node:url';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';

/** The same place for the sources and for what is built from them. */
const PROTO = new URL('../../../protos/grpc_service.proto', import.meta.url);

/** How messages look as objects: fields as the proto has them, 64-bit integers and enumerations as strings. */
export const MESSAGE_OPTIONS = { keepCase: true, longs: String, enums: String, defaults: true } as const;

let loaded: PackageDefinition | undefined;

/** `grpc_service.proto`, which the server and the predictors' clients share; the first call takes some 50 ms. */
export function loadInferenceProto(): PackageDefinition {
  return (loaded ??= loadSync(fileURLToPath(PROTO), MESSAGE_OPTIONS));
}
