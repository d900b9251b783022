import { type Request, type RequestHandler, type Response, Router } from 'express';
import * as z from 'zod';
import { ServiceError } from '../../errors.js';
import { adminIsOff } from '../admin-is-off.js';
import type { DataPlane } from '../data-plane.js';
import { firstIssue } from '../first-issue.js';
import { parseJsonObject } from '../json-body.js';
import { type BodyLimits, bodyOf, readBody } from '../middleware/body.js';
import { onlyMethods } from '../middleware/error-handler.js';
import { requestState } from '../middleware/request-context.js';
import { sendJson } from '../send-json.js';

/** What the routes of the repository need to know of the configuration. */
export interface RepositoryOptions extends BodyLimits {
  /** Whether models may be listed with their state, loaded and unloaded at all. */
  readonly isEnabled: boolean;
}

const INDEX_PATH = '/v2/repository/index';
const CONTROL_PATH = '/v2/repository/models/:name/:action';

/** The body of `POST /v2/repository/index`. */
export const indexRequestSchema = z.looseObject({
  ready: z.boolean().optional().describe('Whether only models that are ready are listed'),
});

/** The body of `POST /v2/repository/models/{name}/load` and `…/unload`. */
export const controlRequestSchema = z.looseObject({
  parameters: z
    .record(z.string(), z.union([z.string(), z.boolean(), z.number()]))
    .nullish()
    .describe('Handed on to a predictor that loads models itself, `config` for instance'),
});

/**
 * The model repository extension: `POST /v2/repository/index`, `…/models/{name}/load`, `…/unload`. Answers as KServe's
 * SDK does, `{"name","load":true}`; Triton's clients look at the status alone.
 */
export function repositoryRoutes(dataPlane: DataPlane, options: RepositoryOptions): Router {
  const router = Router();
  const assertEnabled: RequestHandler = (_request, _response, next) => {
    if (!options.isEnabled) throw adminIsOff();
    next();
  };

  router.post(INDEX_PATH, assertEnabled, readBody(options), async (request, response) => {
    const { ready = false } = parsed(indexRequestSchema, bodyOf(request));
    const models = await dataPlane.index();
    sendJson(response, ready ? models.filter(({ state }) => state === 'READY') : models);
  });
  router.all(INDEX_PATH, onlyMethods('POST'));

  router.post(CONTROL_PATH, assertEnabled, readBody(options), async (request, response, next) => {
    const { name, action } = { name: String(request.params['name']), action: String(request.params['action']) };
    if (action !== 'load' && action !== 'unload') {
      next();
      return;
    }
    await control(dataPlane, { name, action, request, response });
    sendJson(response, { name, [action]: true });
  });
  router.all('/v2/repository/models/:name/load', onlyMethods('POST'));
  router.all('/v2/repository/models/:name/unload', onlyMethods('POST'));
  return router;
}

async function control(
  dataPlane: DataPlane,
  call: { name: string; action: 'load' | 'unload'; request: Request; response: Response },
): Promise<void> {
  const { parameters } = parsed(controlRequestSchema, bodyOf(call.request));
  await dataPlane[call.action](call.name, parameters ?? {}, requestState(call.response).toCall());
}

/** An empty body is as good as an empty object: Triton's clients and curl send either. */
function parsed<T>(schema: z.ZodType<T>, body: Buffer): T {
  const result = schema.safeParse(body.length === 0 ? {} : parseJsonObject(body));
  if (result.success) return result.data;
  throw new ServiceError('invalid_argument', firstIssue(result.error));
}
