import { type Request, type RequestHandler, Router } from 'express';
import { excerpt, ServiceError } from '../../errors.js';
import type { Verb } from '../../transformers/run-transformer.js';
import { setAnswerHeaders } from '../answer-headers.js';
import { beginCall } from '../begin-call.js';
import { type CloudEventOptions, readCloudEvent } from '../cloud-event.js';
import type { DataPlane } from '../data-plane.js';
import { jsonBody } from '../json-body.js';
import { type BodyLimits, bodyOf, readBody } from '../middleware/body.js';
import { methodNotAllowed, onlyMethods, READ } from '../middleware/error-handler.js';
import { requestState } from '../middleware/request-context.js';
import { HEADER_LENGTH } from '../rest-v2/read-infer-body.js';
import { sendBody, sendJson } from '../send-json.js';
import { answerV1 } from './answer-v1.js';

/** What the V1 routes need to know of the configuration. */
export interface V1Options extends BodyLimits {
  readonly maxItems: number;
  readonly cloudEvents: CloudEventOptions;
}

/** `name:verb`. */
const TARGET = /^(?<name>.+):(?<verb>predict|explain)$/;

/**
 * KServe's V1 protocol: `GET /v1/models`, `GET /v1/models/{name}`, `POST /v1/models/{name}:predict` and `:explain`.
 * https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol
 */
export function v1Routes(dataPlane: DataPlane, options: V1Options): Router {
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

  // Before the body is read, so that nobody sends one for nothing.
  const findModel: RequestHandler = (request, response, next) => {
    if (!lastPart(request).includes(':')) {
      throw methodNotAllowed({ request, response, methods: READ, hint: 'did you mean :predict?' });
    }
    const { name, verb } = targetOf(request);
    const route = `POST /v1/models/{name}:${verb}`;
    beginCall(dataPlane, requestState(response), { protocol: 'v1', name, route });
    next();
  };
  router.post('/v1/models/:target', findModel, readBody(options), async (request, response) => {
    const { name, verb } = targetOf(request);
    const model = dataPlane.model(name);
    const state = requestState(response);
    const headerLength = request.get(HEADER_LENGTH);
    const received =
      headerLength === undefined ? jsonBody(bodyOf(request)) : { body: bodyOf(request), json: undefined };
    const event = readCloudEvent(received, request.headers, options.cloudEvents);
    const contentType = event === undefined ? request.get('content-type') : event.contentType;
    const { body, json } = event ?? received;
    const how = { verb, state, maxItems: options.maxItems, contentType, headerLength, isJsonOnly: event !== undefined };
    const answer = await answerV1(model, { ...how, body, json });
    setAnswerHeaders(response, state);
    sendBody(response, event === undefined ? answer : event.wrap(Buffer.concat(answer.pieces), name));
  });
  router.all('/v1/models/:target', (request, response, next) => {
    onlyMethods(...(TARGET.test(lastPart(request)) ? ['POST'] : READ))(request, response, next);
  });
  return router;
}

/** The last part of the path, decoded: the colon may arrive as %3A. */
function lastPart({ params }: Request): string {
  return String(params['target']);
}

function targetOf(request: Request): { name: string; verb: Verb } {
  const target = lastPart(request);
  const { name, verb } = TARGET.exec(target)?.groups ?? {};
  if (name !== undefined) return { name, verb: verb === 'explain' ? 'explain' : 'predict' };
  throw new ServiceError('not_found', `There is nothing at POST /v1/models/${excerpt(target)}; did you mean :predict?`);
}
