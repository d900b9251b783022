import { type Request, Router } from 'express';
import { excerpt, ServiceError } from '../../errors.js';
import type { Verb } from '../../transformers/run-transformer.js';
import type { ServedModel } from '../../transformers/served-model.js';
import { setAnswerHeaders } from '../answer-headers.js';
import { beginCall } from '../begin-call.js';
import { type CloudEventOptions, readCloudEvent } from '../cloud-event.js';
import type { DataPlane } from '../data-plane.js';
import { isJsonObject, type JsonBody, jsonBody } from '../json-body.js';
import { parseKeepingLongTexts, withStrings } from '../long-texts.js';
import { type BodyLimits, createBodyReader } from '../middleware/body.js';
import { methodNotAllowed, onlyMethods, READ } from '../middleware/error-handler.js';
import { requestState } from '../middleware/request-context.js';
import type { ModelCall } from '../model-call.js';
import { isInferRequest } from '../rest-v2/infer-request-json.js';
import { headerLengthOf } from '../rest-v2/read-infer-body.js';
import { sendBody, sendJson } from '../send-json.js';
import { answerV1 } from './answer-v1.js';

/** What the V1 routes need to know of the configuration. */
export interface V1Options extends BodyLimits {
  readonly maxItems: number;
  readonly cloudEvents: CloudEventOptions;
}

/** What is asked of which model. */
export interface V1Target {
  readonly name: string;
  readonly verb: Verb;
}

/** `name:verb`. */
const TARGET = /^(?<name>.+):(?<verb>predict|explain)$/;

/**
 * KServe's V1 protocol: `GET /v1/models`, `GET /v1/models/{name}`, `POST /v1/models/{name}:predict` and `:explain`.
 * https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol
 */
export function v1Routes(dataPlane: DataPlane, call: ModelCall<V1Target>): Router {
  const router = Router();

  router.get('/v1/models', (_request, response) => {
    sendJson(response, { models: dataPlane.modelNames() });
  });
  router.all('/v1/models', onlyMethods(...READ));

  router.get('/v1/models/:name', async (request, response, next) => {
    const { name } = request.params;
    if (TARGET.test(name)) {
      next();
      return;
    }
    await dataPlane.assertModelReady(name);
    sendJson(response, { name, ready: true });
  });

  router.post('/v1/models/:target', async (request, response) => {
    if (!lastPart(request).includes(':')) {
      throw methodNotAllowed({ request, response, methods: READ, hint: 'did you mean :predict?' });
    }
    await call(request, response, parseV1Target(lastPart(request)));
  });
  router.all('/v1/models/:target', (request, response, next) => {
    onlyMethods(...(TARGET.test(lastPart(request)) ? ['POST'] : READ))(request, response, next);
  });
  return router;
}

/** Makes what answers `POST /v1/models/{name}:predict` and `:explain`. */
export function createV1Call(dataPlane: DataPlane, options: V1Options): ModelCall<V1Target> {
  const readBody = createBodyReader(options);
  return async (request, response, { name, verb }) => {
    const state = requestState(response);
    // Before the body is read, so that nobody sends one for nothing.
    const route = `POST /v1/models/{name}:${verb}`;
    beginCall(dataPlane, state, { protocol: 'v1', name, route });
    const bytes = await readBody(request, response);
    const model = dataPlane.model(name);
    const headerLength = headerLengthOf(request);
    const received = headerLength === undefined ? v1Body(bytes, model) : { body: bytes, json: undefined };
    const event = readCloudEvent(received, request.headers, options.cloudEvents);
    const contentType = event === undefined ? request.headers['content-type'] : event.contentType;
    const { body, json } = event ?? received;
    const how = { verb, state, maxItems: options.maxItems, contentType, headerLength, isJsonOnly: event !== undefined };
    const answer = await answerV1(model, { ...how, body, json });
    setAnswerHeaders(response, state);
    sendBody(response, event === undefined ? answer : event.wrap(Buffer.concat(answer.pieces), name));
  };
}

/** Of models of items, pictures in base64 stay what they came as. Events and tensors have no such texts. */
function v1Body(body: Buffer, { kind }: ServedModel): JsonBody {
  if (kind !== 'items' || !isJsonObject(body)) return jsonBody(body);
  const json = parseKeepingLongTexts(body);
  const isOfItems = !('specversion' in json) && !isInferRequest(json);
  return { body, json: isOfItems ? json : withStrings(json) };
}

/** The last part of the path, decoded: the colon may arrive as %3A. */
function lastPart({ params }: Request): string {
  return String(params['target']);
}

/**
 * Reads the last part of a path, decoded: `faces:predict`.
 * @throws ServiceError `not_found` when it names no verb that there is
 */
export function parseV1Target(target: string): V1Target {
  const { name, verb } = TARGET.exec(target)?.groups ?? {};
  if (name !== undefined) return { name, verb: verb === 'explain' ? 'explain' : 'predict' };
  throw new ServiceError('not_found', `There is nothing at POST /v1/models/${excerpt(target)}; did you mean :predict?`);
}
