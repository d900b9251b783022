import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { FAKE_PLATFORM, FAKE_VERSION, findModel, fullShape, TritonError, type WireTensor } from './fake-models.js';
import { type FakeCore, type FakeServer, SERVED_BY } from './fake-triton.js';
import { valuesOf } from './wire-values.js';

const STATUS = { INVALID_ARG: 400, NOT_FOUND: 404, UNAVAILABLE: 503, INTERNAL: 500 } as const;

interface InferJson {
  readonly id?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly inputs: { name: string; datatype: string; shape: number[]; parameters: { binary_data_size: number } }[];
  readonly outputs?: { name: string; parameters: Readonly<Record<string, unknown>> }[];
}

/** The HTTP side of a fake Triton. */
export async function startFakeHttp(core: FakeCore): Promise<FakeServer> {
  const server = createServer((request, response) => {
    response.setHeader(SERVED_BY.name, SERVED_BY.value);
    handle(core, request, response).catch((error: unknown) => {
      const status = error instanceof TritonError ? STATUS[error.kind] : 500;
      const message = error instanceof Error ? error.message : String(error);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: message }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function handle(core: FakeCore, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await buffer(request);
  const path = request.url ?? '';
  if (path === '/v2/health/ready') {
    response.writeHead(core.isReady ? 200 : 400).end();
    return;
  }
  const [, encodedName = '', version = '', action] =
    /^\/v2\/models\/([^/]+)(?:\/versions\/(\d+))?(?:\/(\w+))?$/.exec(path) ?? [];
  const name = decodeURIComponent(encodedName);
  if (action === 'infer') return infer(core, { name, version, headers: request.headers, body }, response);
  core.countMetadataCall();
  const model = findModel(core.models, name, version);
  const tensor = ({ name: tensorName, datatype, dims }: typeof model.input) => {
    return { name: tensorName, datatype, shape: fullShape(model, { name: tensorName, datatype, dims }) };
  };
  if (action === 'ready') {
    response.writeHead(model.isReady ? 200 : 400).end();
  } else if (action === 'config' && core.hasConfig) {
    sendJson(response, { name, max_batch_size: model.maxBatchSize, backend: 'python' });
  } else if (action === undefined) {
    const [inputs, outputs] = [[tensor(model.input)], model.outputs.map(tensor)];
    sendJson(response, { name, versions: [FAKE_VERSION], platform: FAKE_PLATFORM, inputs, outputs });
  } else {
    sendJson(response, { detail: 'Not Found' }, 404);
  }
}

interface InferCall {
  readonly name: string;
  readonly version: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

async function infer(core: FakeCore, call: InferCall, response: ServerResponse): Promise<void> {
  const { name: model, version, headers, body } = call;
  const headerLength = Number(headers['inference-header-content-length']);
  const json = JSON.parse(body.subarray(0, headerLength).toString()) as InferJson;
  let offset = headerLength;
  const inputs = json.inputs.map(({ name, datatype, shape, parameters }) => {
    const bytes = body.subarray(offset, offset + parameters.binary_data_size);
    offset += bytes.length;
    return { name, datatype, shape, bytes };
  });
  if (offset !== body.length)
    throw new TritonError('INVALID_ARG', `unexpected additional input data for model '${model}'`);
  const { id = '', parameters = {}, outputs: requested = [] } = json;
  const outputs = await core.infer({
    protocol: 'http',
    model,
    version,
    id,
    headers,
    inputs,
    parameters,
    wanted: requested.map(({ name }) => name),
    outputParameters: requested.map((output) => output.parameters),
  });
  const head = { model_name: model, model_version: FAKE_VERSION, id, parameters: core.answerParameters };
  if (core.answersWithValues) sendJson(response, { ...head, outputs: outputs.map(toJsonTensor) });
  else sendBinary(response, head, outputs);
}

function sendBinary(response: ServerResponse, head: object, outputs: readonly WireTensor[]): void {
  const heads = outputs.map(({ name, datatype, shape, bytes }) => {
    return { name, datatype, shape, parameters: { binary_data_size: bytes.length } };
  });
  const json = Buffer.from(JSON.stringify({ ...head, outputs: heads }));
  const body = Buffer.concat([json, ...outputs.map(({ bytes }) => bytes)]);
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': body.length,
    'inference-header-content-length': json.length,
  });
  response.end(body);
}

function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** Rows as nested arrays, as MLServer and others send them. */
function toJsonTensor(tensor: WireTensor): unknown {
  const flat = valuesOf(tensor).map((value) => {
    if (Buffer.isBuffer(value)) return value.toString();
    return typeof value === 'bigint' ? Number(value) : value;
  });
  const rowLength = tensor.shape.at(-1) ?? 1;
  const rows = Array.from({ length: flat.length / rowLength }, (_, i) =>
    flat.slice(i * rowLength, (i + 1) * rowLength),
  );
  const { name, datatype, shape } = tensor;
  return { name, datatype, shape, data: rows };
}
