import { promisify } from 'node:util';
import {
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { FAKE_PLATFORM, FAKE_VERSION, findModel, fullShape, TritonError, type WireTensor } from './fake-models.js';
import { type FakeCore, type FakeServer, SERVED_BY } from './fake-triton.js';
import { valuesOf } from './wire-values.js';

const STATUS = {
  INVALID_ARG: status.INVALID_ARGUMENT,
  NOT_FOUND: status.NOT_FOUND,
  UNAVAILABLE: status.UNAVAILABLE,
  INTERNAL: status.INTERNAL,
} as const;

const CONTENTS = {
  BOOL: 'bool_contents',
  UINT8: 'uint_contents',
  UINT16: 'uint_contents',
  UINT32: 'uint_contents',
  UINT64: 'uint64_contents',
  INT8: 'int_contents',
  INT16: 'int_contents',
  INT32: 'int_contents',
  INT64: 'int64_contents',
  FP32: 'fp32_contents',
  FP64: 'fp64_contents',
  BYTES: 'bytes_contents',
} as const;

/** One of the fields of InferParameter. */
type Parameters = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface InferMessage {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly parameters: Parameters;
  readonly inputs: { name: string; datatype: string; shape: string[] }[];
  readonly outputs: { name: string; parameters: Parameters }[];
  readonly raw_input_contents: Buffer[];
}

interface ModelMessage {
  readonly name: string;
  readonly version: string;
}

/** The gRPC side of a fake Triton. */
export async function startFakeGrpc(core: FakeCore): Promise<FakeServer> {
  const definition = loadSync('protos/grpc_service.proto', { keepCase: true, longs: String, defaults: true });
  const server = new Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
  server.addService(definition['inference.GRPCInferenceService'] as ServiceDefinition, implementation(core));
  const bind = promisify(server.bindAsync.bind(server));
  const port = await bind('127.0.0.1:0', ServerCredentials.createInsecure());
  return {
    port,
    close: () => {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}

function implementation(core: FakeCore): UntypedServiceImplementation {
  const metadataOf = ({ name, version }: ModelMessage) => {
    core.countMetadataCall();
    const model = findModel(core.models, name, version);
    const tensor = (spec: typeof model.input) => ({ ...spec, shape: fullShape(model, spec) });
    const [inputs, outputs] = [[tensor(model.input)], model.outputs.map(tensor)];
    return { name, versions: [FAKE_VERSION], platform: FAKE_PLATFORM, inputs, outputs };
  };
  return {
    ServerReady: unary(() => ({ ready: core.isReady })),
    ModelReady: unary(({ name, version }: ModelMessage) => ({ ready: findModel(core.models, name, version).isReady })),
    ModelMetadata: unary(metadataOf),
    ...(core.hasConfig && {
      ModelConfig: unary(({ name, version }: ModelMessage) => {
        core.countMetadataCall();
        return { config: { name, max_batch_size: findModel(core.models, name, version).maxBatchSize } };
      }),
    }),
    ModelInfer: unary(async (message: InferMessage, metadata) => {
      const inputs = message.inputs.map(({ name, datatype, shape }, index) => {
        return {
          name,
          datatype,
          shape: shape.map(Number),
          bytes: message.raw_input_contents[index] ?? Buffer.alloc(0),
        };
      });
      const headers = metadata.getMap() as Record<string, string>;
      const { model_name: model, model_version: version, id } = message;
      const outputs = await core.infer({
        protocol: 'grpc',
        model,
        version,
        id,
        headers,
        inputs,
        parameters: valuesOfParameters(message.parameters),
        wanted: message.outputs.map(({ name }) => name),
        outputParameters: message.outputs.map(({ parameters }) => valuesOfParameters(parameters)),
      });
      const parameters = Object.entries(core.answerParameters).map(([name, value]) => [name, toParameter(value)]);
      const head = { model_name: model, model_version: FAKE_VERSION, id, parameters: Object.fromEntries(parameters) };
      return {
        ...head,
        ...(core.answersWithValues ? { outputs: outputs.map(withContents) } : withRawContents(outputs)),
      };
    }),
  };
}

function unary<Request>(answer: (request: Request, metadata: Metadata) => unknown): handleUnaryCall<Request, unknown> {
  return (call, callback) => {
    const head = new Metadata();
    head.set(SERVED_BY.name, SERVED_BY.value);
    call.sendMetadata(head);
    Promise.resolve()
      .then(() => answer(call.request, call.metadata))
      .then(
        (value) => callback(null, value),
        (error: unknown) => {
          const code = error instanceof TritonError ? STATUS[error.kind] : status.INTERNAL;
          callback({ code, details: error instanceof Error ? error.message : String(error) });
        },
      );
  };
}

function valuesOfParameters(parameters: Parameters): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parameters).map(([name, field]) => [name, Object.values(field)[0]]));
}

function toParameter(value: string | boolean | number): object {
  if (typeof value === 'number') return { int64_param: value };
  return typeof value === 'string' ? { string_param: value } : { bool_param: value };
}

function withRawContents(outputs: readonly WireTensor[]): object {
  return {
    outputs: outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    raw_output_contents: outputs.map(({ bytes }) => bytes),
  };
}

function withContents(tensor: WireTensor): unknown {
  const { name, datatype, shape } = tensor;
  if (!Object.hasOwn(CONTENTS, datatype)) return { name, datatype, shape };
  const field = CONTENTS[datatype as keyof typeof CONTENTS];
  const values = valuesOf(tensor).map((value) => (typeof value === 'bigint' ? value.toString() : value));
  return { name, datatype, shape, contents: { [field]: values } };
}
