import protobuf from 'protobufjs';
import descriptors from 'protobufjs/ext/descriptor/index.js';
import { connectGrpc, take } from '../../helpers/grpc-client.js';
import { serveGrpc } from '../../helpers/served-grpc.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

/** What the module adds to protobufjs, of which its types know only a part. */
const { FileDescriptorProto } = descriptors as unknown as { FileDescriptorProto: protobuf.Type };
const Root = protobuf.Root as unknown as { fromDescriptor(set: object): protobuf.Root };

interface ReflectionAnswer {
  readonly list_services_response?: { readonly service: readonly { readonly name: string }[] };
  readonly file_descriptor_response?: { readonly file_descriptor_proto: readonly Buffer[] };
}

/** Asks reflection, as grpcurl does. */
async function reflect(version: string, question: object): Promise<ReflectionAnswer> {
  const served = await serveGrpc();
  const client = connectGrpc(served.address);
  ends.push(
    () => client.close(),
    () => served.server.close(0),
  );
  const stream = client.stream(`grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`);
  stream.end(question);
  const [answer] = await take(stream, 1);
  return answer as ReflectionAnswer;
}

describe.each(['v1', 'v1alpha'])('reflection %s', (version) => {
  it('lists the services', async () => {
    const { list_services_response: list } = await reflect(version, { list_services: '' });
    expect(list?.service.map(({ name }) => name).sort()).toEqual([
      'grpc.health.v1.Health',
      'inference.GRPCInferenceService',
    ]);
  });

  it('gives descriptors by which a client without protos can make a call', async () => {
    const question = { file_containing_symbol: 'inference.GRPCInferenceService' };
    const { file_descriptor_response: files } = await reflect(version, question);
    const file = (files?.file_descriptor_proto ?? []).map((bytes) => FileDescriptorProto.decode(bytes));
    const root = Root.fromDescriptor({ file });
    root.resolveAll();
    const service = root.lookupService('inference.GRPCInferenceService');
    expect(service.methodsArray.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['ServerLive', 'ModelInfer', 'ModelStreamInfer', 'ModelConfig']),
    );
    const request = root.lookupType('inference.ModelInferRequest');
    const message = { model_name: 'fake', parameters: { p: { int64Param: 1 } } };
    expect(request.encode(request.fromObject(message)).finish().length).toBeGreaterThan(0);
    expect(root.lookupType('inference.ModelConfig').fields).toHaveProperty('name');
  });
});
