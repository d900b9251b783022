import * as z from 'zod';
import { formatPredictorAddress, type PredictorAddress } from '../address.js';
import { subjectOf } from '../answer.js';
import type { ConnectOptions } from '../connect-options.js';
import { toModelInfo } from '../models/model-info.js';
import type { PredictorTransport, TransportCall } from '../transport.js';
import { createHttpConnection, type HttpAnswer } from './http-connection.js';
import { fromErrorStatus } from './http-errors.js';
import { createHttpInference } from './http-inference.js';
import { parseJson } from './infer-body.js';
import { modelPath } from './paths.js';

/** Statuses by which a server says that it has no such route: it speaks the protocol, but is no Triton. */
const NO_ROUTE: readonly number[] = [404, 405, 501];

const metadataTensorSchema = z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.number()) });
const metadataSchema = z.object({
  name: z.string(),
  inputs: z.array(metadataTensorSchema).default([]),
  outputs: z.array(metadataTensorSchema).default([]),
});
const configSchema = z.object({ max_batch_size: z.number().int().min(0).default(0) });

/** Triton's HTTP protocol with binary tensors both ways, over a bounded pool of connections that are kept alive. */
export function createHttpTransport(address: PredictorAddress, options: ConnectOptions): PredictorTransport {
  const origin = formatPredictorAddress(address);
  const connection = createHttpConnection(origin, options);
  const get = (path: string, subject: string, call: TransportCall) =>
    connection.send({ method: 'GET', path }, { ...call, subject });

  const getJson = async <T>(path: string, schema: z.ZodType<T>, subject: string, call: TransportCall) => {
    const answer = await get(path, subject, call);
    if (!isOk(answer)) throw fromErrorStatus(answer.status, answer.body, subject);
    return parseJson(answer.body, schema, subject);
  };

  const maxBatchSize = async (model: string, subject: string, call: TransportCall) => {
    const answer = await get(`${modelPath(model)}/config`, subject, call);
    if (NO_ROUTE.includes(answer.status)) return undefined;
    if (!isOk(answer)) throw fromErrorStatus(answer.status, answer.body, subject);
    return parseJson(answer.body, configSchema, subject).max_batch_size;
  };

  return {
    address: origin,
    ...createHttpInference(connection),
    modelInfo: async (model, call) => {
      const subject = subjectOf({ model });
      const metadata = await getJson(modelPath(model), metadataSchema, subject, call);
      return toModelInfo(model, metadata, await maxBatchSize(model, subject, call));
    },
    isModelReady: async (model, call) => isOk(await get(`${modelPath(model)}/ready`, subjectOf({ model }), call)),
    isServerReady: async (call) => isOk(await get('/v2/health/ready', 'its readiness', call)),
    close: () => connection.close(),
  };
}

function isOk(answer: Pick<HttpAnswer, 'status'>): boolean {
  return answer.status === 200;
}
