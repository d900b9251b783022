import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { Server, ServerCredentials, type ServiceDefinition, type sendUnaryData, type status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** What an HTTP server is to answer. */
export interface HttpReply {
  readonly status?: number;
  /** Sent as JSON, a string as it is. */
  readonly body?: unknown;
}

/** What a gRPC server is to answer: a message, or an error. */
export type GrpcReply = { readonly message: object } | { readonly code: status; readonly details: string };

/** A server that writes down what it is asked, and answers every request alike. */
export interface RecordingServer<Asked> {
  readonly port: number;
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

/** A request as it came: `GET /v2`; its body as JSON, undefined when it was empty. */
export interface AskedOverHttp {
  readonly request: string;
  readonly body: unknown;
}

/** A call as it came; fields that the client did not name are not there, 64-bit numbers are digits. */
export interface AskedOverGrpc {
  readonly rpc: string;
  readonly request: unknown;
}

/** Starts one that speaks HTTP. */
export async function startRecordingHttp(reply: HttpReply): Promise<RecordingServer<AskedOverHttp>> {
  const asked: AskedOverHttp[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push({
        request: `${String(request.method)} ${String(request.url)}`,
        body: body === '' ? undefined : JSON.parse(body),
      });
      const { body: answer = '' } = reply;
      response.writeHead(reply.status ?? 200).end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Starts one that speaks gRPC, with every unary rpc of Triton's service. */
export async function startRecordingGrpc(reply: GrpcReply): Promise<RecordingServer<AskedOverGrpc>> {
  const asked: AskedOverGrpc[] = [];
  const definition = loadSync('protos/grpc_service.proto', { keepCase: true, longs: String });
  const service = definition['inference.GRPCInferenceService'] as ServiceDefinition;
  const answer = (rpc: string) => (call: { request: unknown }, callback: sendUnaryData<unknown>) => {
    asked.push({ rpc, request: call.request });
    if ('message' in reply) callback(null, reply.message);
    else callback(reply);
  };
  const unary = Object.keys(service).filter((rpc) => service[rpc]?.requestStream === false);
  const server = new Server();
  server.addService(service, Object.fromEntries(unary.map((rpc) => [rpc, answer(rpc)])));
  const bind = promisify(server.bindAsync.bind(server));
  const port = await bind('127.0.0.1:0', ServerCredentials.createInsecure());
  return {
    port,
    asked,
    close: async () => server.forceShutdown(),
  };
}
