import { Readable } from 'node:stream';
import { type Dispatcher, errors, Pool } from 'undici';
import * as z from 'zod';
import { formatPredictorAddress, type PredictorAddress } from '../address.js';
import { subjectOf } from '../answer.js';
import { decodeInferResponse, encodeInferRequest, HEADER_LENGTH, type HttpBody, parseJson } from './infer-body.js';
import { fromConnectionError, fromErrorStatus } from './http-errors.js';
import { toModelInfo } from '../models/model-info.js';
import type { ConnectOptions, TransportCall, TritonTransport } from '../transport.js';

/** Connections beyond those of inference, so that a probe of readiness does not wait for one. */
const SPARE_CONNECTIONS = 2;

/** Shorter than the 5 s after which common servers and proxies close an idle connection (Node's default is the least). */
const KEEP_ALIVE_MS = 4000;

/** Statuses by which a server says that it has no such route: it speaks the protocol, but is no Triton. */
const NO_ROUTE: readonly number[] = [404, 405, 501];

const metadataTensorSchema = z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.number()) });
const metadataSchema = z.object({
  name: z.string(),
  inputs: z.array(metadataTensorSchema).default([]),
  outputs: z.array(metadataTensorSchema).default([]),
});
const configSchema = z.object({ max_batch_size: z.number().int().min(0).default(0) });

interface Answer {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly body: Uint8Array;
}

/** Triton's HTTP protocol with binary tensors both ways, over a bounded pool of connections that are kept alive. */
export function createHttpTransport(address: PredictorAddress, options: ConnectOptions): TritonTransport {
  const origin = formatPredictorAddress(address);
  const pool = new Pool(origin, {
    connections: options.concurrency + SPARE_CONNECTIONS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { timeout: options.connectTimeoutMs },
    maxResponseSize: options.maxAnswerBytes,
    // The whole call has its deadline; a model may be silent for as long as that.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  const send = async (path: string, subject: string, call: TransportCall, body?: HttpBody): Promise<Answer> => {
    try {
      const answer = await pool.request({
        path,
        method: body === undefined ? 'GET' : 'POST',
        headers: { ...call.headers, ...body?.headers },
        body: body === undefined ? null : Readable.from(body.pieces),
        signal: call.signal,
      });
      // Said beforehand: there is no need to read up to the limit. Reading then fails with this error.
      const isTooLarge = Number(headerOf(answer, 'content-length') ?? 0) > options.maxAnswerBytes;
      if (isTooLarge) answer.body.destroy(new errors.ResponseExceededMaxSizeError());
      const bytes = new Uint8Array(await answer.body.arrayBuffer());
      return { status: answer.statusCode, headers: answer.headers, body: bytes };
    } catch (error) {
      throw fromConnectionError(error, subject);
    }
  };

  const getJson = async <T>(path: string, schema: z.ZodType<T>, subject: string, call: TransportCall) => {
    const answer = await send(path, subject, call);
    if (!isOk(answer)) throw fromErrorStatus(answer.status, answer.body, subject);
    return parseJson(answer.body, schema, subject);
  };

  const maxBatchSize = async (model: string, subject: string, call: TransportCall) => {
    const answer = await send(`${modelPath(model)}/config`, subject, call);
    if (NO_ROUTE.includes(answer.status)) return undefined;
    if (!isOk(answer)) throw fromErrorStatus(answer.status, answer.body, subject);
    return parseJson(answer.body, configSchema, subject).max_batch_size;
  };

  return {
    address: origin,
    infer: async (request, call) => {
      const subject = subjectOf(request);
      const answer = await send(`${modelPath(request.model)}/infer`, subject, call, encodeInferRequest(request));
      if (!isOk(answer)) throw fromErrorStatus(answer.status, answer.body, subject);
      return decodeInferResponse(request, answer.body, headerOf(answer, HEADER_LENGTH));
    },
    modelInfo: async (model, call) => {
      const subject = subjectOf({ model });
      const metadata = await getJson(modelPath(model), metadataSchema, subject, call);
      return toModelInfo(model, metadata, await maxBatchSize(model, subject, call));
    },
    isModelReady: async (model, call) => isOk(await send(`${modelPath(model)}/ready`, subjectOf({ model }), call)),
    isServerReady: async (call) => isOk(await send('/v2/health/ready', 'its readiness', call)),
    close: () => pool.destroy(),
  };
}

function modelPath(model: string): string {
  return `/v2/models/${encodeURIComponent(model)}`;
}

function isOk(answer: Answer): boolean {
  return answer.status === 200;
}

function headerOf(answer: Pick<Answer, 'headers'>, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
