import { on, once } from 'node:events';
import { promisify } from 'node:util';
import { Server, ServerCredentials, type ServerDuplexStream, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** A request as it came, with the fields that tests look at; 64-bit numbers are digits. */
export interface StreamedRequest {
  readonly model_name: string;
  readonly id: string;
  readonly parameters: Readonly<Record<string, object>>;
}

/** What is answered to it. */
export interface StreamedAnswer {
  readonly error_message?: string;
  readonly infer_response?: {
    readonly model_name?: string;
    readonly id?: string;
    readonly parameters?: Readonly<Record<string, object>>;
    readonly outputs?: readonly {
      readonly name: string;
      readonly datatype: string;
      readonly shape: readonly number[];
    }[];
    readonly raw_output_contents?: readonly Uint8Array[];
  };
}

/** The server's end of a stream. */
export type ServerStream = ServerDuplexStream<StreamedRequest, StreamedAnswer>;

/** A real gRPC server that has ModelStreamInfer alone. */
export interface FakeStreams {
  readonly port: number;
  /** Ends it at once, and with it every stream. */
  close(): void;
}

/** Starts one that does so with every stream; what `serve` throws ends the stream with its code and details. */
export async function startFakeStreams(serve: (stream: ServerStream) => Promise<void>): Promise<FakeStreams> {
  const definition = loadSync('protos/grpc_service.proto', { keepCase: true, longs: String });
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  server.addService(definition['inference.GRPCInferenceService'] as ServiceDefinition, {
    ModelStreamInfer: (stream: ServerStream) => {
      // A client that breaks off is nothing to the server.
      stream.on('error', () => undefined);
      serve(stream).then(
        () => stream.end(),
        (error: unknown) => stream.emit('error', error),
      );
    },
  });
  const bind = promisify(server.bindAsync.bind(server));
  const port = await bind('127.0.0.1:0', ServerCredentials.createInsecure());
  return { port, close: () => server.forceShutdown() };
}

/** The requests as they come, to the last; the stream is still open for answers then, as it is not after a loop over it. */
export async function* requestsIn(stream: ServerStream): AsyncGenerator<StreamedRequest> {
  for await (const [request] of on(stream, 'data', { close: ['end'] })) yield request as StreamedRequest;
}

/** Writes an answer, and waits until there is room for another one. */
export async function answerSlowly(stream: ServerStream, answer: StreamedAnswer): Promise<void> {
  if (!stream.write(answer)) await once(stream, 'drain');
}

/** An answer of one FP32 number to a request of that id. */
export function numberAnswer(id: string, value: number, options: { isFinal: boolean }): StreamedAnswer {
  return {
    infer_response: {
      model_name: 'counter',
      id,
      parameters: { triton_final_response: { bool_param: options.isFinal } },
      outputs: [{ name: 'VALUE', datatype: 'FP32', shape: [1] }],
      raw_output_contents: [Buffer.from(Float32Array.of(value).buffer)],
    },
  };
}
