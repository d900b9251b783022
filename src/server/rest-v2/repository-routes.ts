import { type RequestHandler, Router } from 'express';
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

/** What may be done with a model. */
const ACTIONS = ['load', 'unload'] as const;

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

  for (const action of ACTIONS) {
    const path = `/v2/repository/models/:name/${action}`;
    router.post(path, assertEnabled, readBody(options), async (request, response) => {
      const name = String(request.params['name']);
      const { parameters } = parsed(controlRequestSchema, bodyOf(request));
      await dataPlane[action](name, parameters ?? {}, requestState(response).toCall());
      sendJson(response, { name, [action]: true });
    });
    router.all(path, onlyMethods('POST'));
  }
  return router;
}

/** An empty body is as good as an empty object: Triton's clients and curl send either. */
function parsed<T>(schema: z.ZodType<T>, body: Buffer): T {
  const result = schema.safeParse(body.length === 0 ? {} : parseJsonObject(body));
  if (result.success) return result.data;
  throw new ServiceError('invalid_argument', firstIssue(result.error));
}
