import { type Request, type RequestHandler, Router } from 'express';
import { excerpt, ServiceError } from '../../errors.js';
import { NO_SPAN } from '../../observability/span.js';
import type { DataPlane } from '../data-plane.js';
import { onlyMethods } from '../middleware/error-handler.js';
import { type BodyLimits, readBody } from '../middleware/body.js';
import { requestState } from '../middleware/request-context.js';
import { readV1Body } from './read-v1-body.js';
import { toV1Answer } from './v1-answer.js';

/** What the V1 routes need to know of the configuration. */
export interface V1Options extends BodyLimits {
  readonly maxItems: number;
  readonly singleResponse: 'multi' | 'bare';
}

/**
 * KServe's V1 protocol: `GET /v1/models`, `GET /v1/models/{name}`, `POST /v1/models/{name}:predict`.
 * https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol
 */
export function v1Routes(dataPlane: DataPlane, options: V1Options): Router {
  const router = Router();

  router.get('/v1/models', (_request, response) => {
    response.json({ models: dataPlane.modelNames() });
  });
  router.all('/v1/models', onlyMethods('GET'));

  router.get('/v1/models/:name', async (request, response, next) => {
    const { name } = request.params;
    if (isPredictTarget(name)) {
      next();
      return;
    }
    await dataPlane.assertModelReady(name);
    response.json({ name, ready: true });
  });

  // `facequality:predict`, where the colon may arrive as %3A: the parameter is decoded either way.
  const findModel: RequestHandler = (request, _response, next) => {
    dataPlane.model(predictedModel(targetOf(request)));
    next();
  };
  router.post('/v1/models/:target', findModel, readBody(options), async (request, response) => {
    const name = predictedModel(targetOf(request));
    const { transformer } = dataPlane.model(name);
    const state = requestState(response);
    const v1Request = await readV1Body(bodyOf(request), request.get('content-type'), {
      maxItems: options.maxItems,
      speaksMultiData: transformer.toResponse !== undefined,
    });
    const { requestId, forwardedHeaders, signal, times } = state;
    const items = v1Request.items.map(({ item }) => item);
    state.items = { count: items.length, failed: items.length };
    const call = { requestId, headers: forwardedHeaders, signal, times, span: NO_SPAN };
    const results = await dataPlane.predict(name, { items, ...call });
    state.items = { count: items.length, failed: results.filter((result) => 'error' in result).length };
    response.json(
      toV1Answer(v1Request, results, { verb: 'predict', forms: transformer, singleResponse: options.singleResponse }),
    );
  });
  router.all('/v1/models/:target', (request, response, next) => {
    onlyMethods(isPredictTarget(targetOf(request)) ? 'POST' : 'GET')(request, response, next);
  });
  return router;
}

/** The last part of the path, decoded. */
function targetOf({ params }: Request): string {
  return String(params['target']);
}

function isPredictTarget(target: string): boolean {
  return target.endsWith(':predict');
}

/** What readBody has put there. */
function bodyOf({ body }: Request): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** The model's name in `name:predict`. */
function predictedModel(target: string): string {
  const colon = target.lastIndexOf(':');
  const verb = colon < 0 ? '' : target.slice(colon + 1);
  if (verb === 'predict') return target.slice(0, colon);
  if (verb === 'explain') throw new ServiceError('unimplemented', 'This model has no :explain');
  throw new ServiceError('not_found', `There is nothing at POST /v1/models/${excerpt(target)}; did you mean :predict?`);
}
