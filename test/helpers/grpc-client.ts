import {
  type CallOptions,
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  type ClientOptions,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
  status as Status,
} from '@grpc/grpc-js';
import { loadSync, type MethodDefinition } from '@grpc/proto-loader';
import { protoPath as healthProto } from 'grpc-health-check';

type Message = Record<string, unknown>;
type Method = MethodDefinition<object, object>;

/** What a call is made with. */
export interface CallSettings extends CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Called with the call's `cancel()` when it was sent. */
  readonly onSent?: (cancel: () => void) => void;
}

/** How a call came out. */
interface Outcome {
  /** `OK`, `NOT_FOUND`. */
  readonly status: string;
  /** The status' message; '' when it is OK. */
  readonly message: string;
  readonly response: Message | undefined;
  /** The metadata before the answer and behind it. */
  readonly head: Record<string, unknown>;
  readonly trailers: Record<string, unknown>;
}

/** A client with the general codecs of the protos, of which each message is an object with the proto's names. */
export interface GrpcClient {
  readonly call: (rpc: string, request?: object, settings?: CallSettings) => Promise<Outcome>;
  readonly watch: (rpc: string, request: object) => ClientReadableStream<Message>;
  readonly stream: (rpc: string, settings?: CallSettings) => ClientDuplexStream<object, Message>;
  readonly close: () => void;
}

const OPTIONS = { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true };
const REFLECTION = 'node_modules/@grpc/reflection/build/proto/grpc/reflection';
const PROTOS = [
  'protos/grpc_service.proto',
  healthProto,
  `${REFLECTION}/v1/reflection.proto`,
  `${REFLECTION}/v1alpha/reflection.proto`,
];

export function connectGrpc(
  address: string,
  settings: { channel?: ChannelCredentials; options?: ClientOptions } = {},
): GrpcClient {
  const { channel = credentials.createInsecure(), options = {} } = settings;
  const client = new Client(address, channel, { 'grpc.max_receive_message_length': -1, ...options });
  return {
    call: (rpc, request = {}, { headers, onSent, ...options } = {}) =>
      new Promise((resolve) => {
        const { path, requestSerialize, responseDeserialize } = methodOf(rpc);
        let head: Record<string, unknown> = {};
        let outcome: Pick<Outcome, 'response' | 'message'> = { response: undefined, message: '' };
        const call = client.makeUnaryRequest(
          path,
          bytesOr(requestSerialize),
          responseDeserialize,
          request,
          metadataOf(headers),
          options,
          (error: ServiceError | null, response?: object) => {
            outcome = { response: response as Message | undefined, message: error?.details ?? '' };
          },
        );
        call.on('metadata', (metadata: Metadata) => (head = metadata.getMap()));
        call.on('status', ({ code, metadata }) => {
          // The callback comes with it, or right after it.
          setImmediate(() => resolve({ ...outcome, head, status: Status[code], trailers: metadata.getMap() }));
        });
        onSent?.(() => call.cancel());
      }),
    watch: (rpc, request) => {
      const { path, requestSerialize, responseDeserialize } = methodOf(rpc);
      const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
      return stream as unknown as ClientReadableStream<Message>;
    },
    stream: (rpc, { headers, ...options } = {}) => {
      const { path, requestSerialize, responseDeserialize } = methodOf(rpc);
      const serialize = bytesOr(requestSerialize);
      const stream = client.makeBidiStreamRequest(path, serialize, responseDeserialize, metadataOf(headers), options);
      return stream as unknown as ClientDuplexStream<object, Message>;
    },
    close: () => client.close(),
  };
}

/** The first messages of a stream; fewer when it ends before. */
export async function take<T>(stream: AsyncIterable<T>, count: number): Promise<T[]> {
  const messages: T[] = [];
  const iterator = stream[Symbol.asyncIterator]();
  while (messages.length < count) {
    const { value, done } = await iterator.next();
    if (done === true) break;
    messages.push(value);
  }
  return messages;
}

/** How a stream ends. */
export function endOf(stream: ClientReadableStream<Message> | ClientDuplexStream<object, Message>) {
  return new Promise<{ status: string; message: string; trailers: Record<string, unknown> }>((resolve) => {
    stream.on('error', () => undefined);
    stream.on('status', ({ code, details, metadata }) => {
      resolve({ status: Status[code], message: details, trailers: metadata.getMap() });
    });
  });
}

let definitions: Readonly<Record<string, unknown>> | undefined;

/** @param rpc `ModelInfer` of inference, or with its service: `grpc.health.v1.Health/Check` */
function methodOf(rpc: string): Method {
  definitions ??= Object.assign({}, ...PROTOS.map((path) => loadSync(path, OPTIONS))) as Record<string, unknown>;
  const [service, name] = rpc.includes('/') ? rpc.split('/') : ['inference.GRPCInferenceService', rpc];
  const method = (definitions[service ?? ''] as Record<string, Method> | undefined)?.[name ?? ''];
  if (method === undefined) throw new Error(`${rpc} is in no proto`);
  return method;
}

/** Bytes stand for themselves, so that a test can send what no codec writes. */
function bytesOr(serialize: (message: object) => Buffer): (message: object) => Buffer {
  return (message) => (Buffer.isBuffer(message) ? message : serialize(message));
}

function metadataOf(headers: CallSettings['headers'] = {}): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}
