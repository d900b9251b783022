import { createRequire } from 'node:module';
import type { handleBidiStreamingCall, MethodDefinition, Server } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type * as reflection from '@grpc/reflection';
import { protoPath as healthProto } from 'grpc-health-check';
import { loadInferenceProto, MESSAGE_OPTIONS } from '../../oip/grpc/inference-proto.js';

/** The versions of the protocol that clients ask for. https://github.com/grpc/grpc/blob/master/doc/server-reflection.md */
const SERVICES = ['grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection'];

/** A version's only rpc, as the package adds it to a server. */
interface Reflection {
  readonly method: MethodDefinition<object, object>;
  readonly handler: handleBidiStreamingCall<object, object>;
}

/**
 * Adds reflection, by which tools call the services without their protos. The package and its index of the protos are
 * loaded with the first question: they take some 90 ms, which no start should wait for.
 */
export function addReflectionService(server: Pick<Server, 'addService'>): void {
  let loaded: ReadonlyMap<string, Reflection> | undefined;
  for (const service of SERVICES) {
    const path = `/${service}/ServerReflectionInfo`;
    const reflection = () => {
      const found = (loaded ??= loadReflection()).get(path);
      if (found === undefined) throw new Error(`@grpc/reflection does not serve ${path}`);
      return found;
    };
    const method: MethodDefinition<object, object> = {
      path,
      requestStream: true,
      responseStream: true,
      requestDeserialize: (bytes) => reflection().method.requestDeserialize(bytes),
      responseSerialize: (answer) => reflection().method.responseSerialize(answer),
      // The client's half, which a server has no use for.
      requestSerialize: (question) => reflection().method.requestSerialize(question),
      responseDeserialize: (bytes) => reflection().method.responseDeserialize(bytes),
    };
    const handler: Reflection['handler'] = (call) => reflection().handler(call);
    server.addService({ ServerReflectionInfo: method }, { ServerReflectionInfo: handler });
  }
}

/** What the package would add to a server, by path. */
function loadReflection(): ReadonlyMap<string, Reflection> {
  const { ReflectionService } = createRequire(import.meta.url)('@grpc/reflection') as typeof reflection;
  const added = new Map<string, Reflection>();
  const collector: Pick<Server, 'addService'> = {
    addService: (service, { ServerReflectionInfo: handler }) => {
      const { ServerReflectionInfo: method } = service as Readonly<Record<string, Reflection['method']>>;
      if (method) added.set(method.path, { method, handler: handler as Reflection['handler'] });
    },
  };
  const shown = { ...loadInferenceProto(), ...loadSync(healthProto, MESSAGE_OPTIONS) };
  // It calls addService() and nothing else.
  new ReflectionService(shown).addToServer(collector);
  return added;
}
