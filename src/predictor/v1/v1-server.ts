import * as z from 'zod';
import type { ModelReference } from '../predictor.js';
import { subjectOf } from '../triton/answer.js';
import type { HttpCall, HttpConnection, HttpRequest } from '../triton/http/http-connection.js';
import { fromErrorWords } from '../triton/http/http-errors.js';
import { parseJson } from '../triton/http/json.js';
import { modelName } from '../triton/names.js';
import { readinessOf } from '../triton/readiness.js';
import { SUBJECTS } from '../triton/subjects.js';
import type { TransportCall } from '../triton/transport.js';
import { errorWords } from './error-words.js';

const HTTP_OK = 200;

const JSON_HEADERS = { 'content-type': 'application/json' };

/** The state of a version that TensorFlow Serving answers with. */
const availableSchema = z.object({ state: z.literal('AVAILABLE') });

/** One request to a model. */
export interface V1Request {
  readonly model: string;
  /** Digits. */
  readonly version?: string;
  readonly verb: 'predict' | 'explain';
  /** JSON, in pieces. */
  readonly body: readonly Uint8Array[];
}

/**
 * The calls of KServe's V1 protocol, over HTTP. A version, which KServe's own servers do not have, stands in the path as
 * in TensorFlow Serving's, of which the protocol is.
 *
 * Errors are those of Predictor; `upstream` holds the server's words, whichever field of its answer has them.
 */
export interface V1Server {
  /** The answer's JSON. */
  post(request: V1Request, call: TransportCall): Promise<unknown>;
  /**
   * Whether a model can answer.
   * @throws ServiceError also when the server does not know it, or says by a status that it cannot
   */
  isModelReady(model: ModelReference, call: TransportCall): Promise<boolean>;
  isServerReady(call: TransportCall): Promise<boolean>;
}

/** Makes the calls over a connection. */
export function createV1Server(connection: Pick<HttpConnection, 'send'>): V1Server {
  const send = async (request: HttpRequest, call: HttpCall): Promise<Uint8Array> => {
    const { status, body } = await connection.send(request, call);
    if (status !== HTTP_OK) throw fromErrorWords(status, errorWords(body), call.subject);
    return body;
  };
  return {
    post: async (request, call) => {
      const { verb, body } = request;
      const subject = subjectOf(request);
      const path = `${modelPath(request)}:${verb}`;
      const answer = await send({ method: 'POST', path, headers: JSON_HEADERS, body }, { ...call, subject });
      return parseJson(answer, z.unknown(), subject);
    },
    isModelReady: async (model, call) => {
      const subject = subjectOf(modelName(model));
      return saysReady(await send({ method: 'GET', path: modelPath(model) }, { ...call, subject }));
    },
    isServerReady: (call) =>
      readinessOf(send({ method: 'GET', path: '/' }, { ...call, subject: SUBJECTS.ready }).then(() => true)),
  };
}

function modelPath(reference: ModelReference): string {
  const { model, version } = modelName(reference);
  const path = `/v1/models/${encodeURIComponent(model)}`;
  return version === '' ? path : `${path}/versions/${version}`;
}

/**
 * Whether an answer about a model says that it is ready: `{"ready": true}` of KServe's SDK, `{"ready": "True"}` of its
 * older versions, `{"model_version_status": [{"state": "AVAILABLE"}]}` of TensorFlow Serving; else its status has said so.
 */
function saysReady(body: Uint8Array): boolean {
  const answer = asRecord(body);
  if ('ready' in answer) return /^true$/i.test(String(answer.ready));
  const versions: unknown = 'model_version_status' in answer ? answer.model_version_status : undefined;
  if (!Array.isArray(versions)) return true;
  return versions.some((version: unknown) => availableSchema.safeParse(version).success);
}

function asRecord(body: Uint8Array): object {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    // An answer of another kind says no more than its status.
    return {};
  }
}
