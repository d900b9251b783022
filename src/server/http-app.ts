import express, { type Express, type RequestHandler } from 'express';
import type { Metrics } from '../observability/metrics.js';
import type { RequestTracing } from './call-state.js';
import type { DataPlane } from './data-plane.js';
import { docsRoutes } from './docs-routes.js';
import type { HeaderForwarding } from './header-forwarding.js';
import { healthRoutes } from './health-routes.js';
import type { CallJournal } from './log-call.js';
import { errorHandler, unknownPath } from './middleware/error-handler.js';
import { requestContext } from './middleware/request-context.js';
import { createOpenApi } from './openapi/create-open-api.js';
import { type V1Options, v1Routes } from './rest-v1/routes.js';
import { repositoryRoutes } from './rest-v2/repository-routes.js';
import { v2Routes } from './rest-v2/routes.js';

/** What the REST side is made from. */
export interface HttpAppOptions {
  readonly dataPlane: DataPlane;
  readonly metrics: Pick<Metrics, 'expose' | 'countRequest'>;
  readonly logger: CallJournal['logger'];
  /** As CallJournal's. */
  readonly logsLatency?: boolean;
  readonly forwarding: HeaderForwarding;
  readonly tracing: RequestTracing;
  readonly v1: V1Options;
  /** Whether models may be listed with their state, loaded and unloaded. */
  readonly enableAdmin: boolean;
  /** Sees every request first, and refuses by throwing; absent where everybody may call. */
  readonly guard?: RequestHandler | undefined;
  /** Whether there is a page at `/docs`; there is one when undefined. */
  readonly enableDocs?: boolean;
}

/** Makes the REST side: routes and middleware, no port yet. */
export function createHttpApp(options: HttpAppOptions): Express {
  const { dataPlane, metrics, logger, forwarding, tracing, v1, enableAdmin, guard } = options;
  const { enableDocs = true, logsLatency = true } = options;
  // Before any of them may be unloaded.
  const models = dataPlane.modelNames().map((name) => dataPlane.model(name));
  const document = () =>
    createOpenApi({
      info: dataPlane.info,
      models,
      limits: v1,
      isTokenNeeded: guard !== undefined,
      hasDocsPage: enableDocs,
    });
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(requestContext({ journal: { logger, metrics, logsLatency }, forwarding, tracing }));
  if (guard !== undefined) app.use(guard);
  app.use(healthRoutes(dataPlane, metrics));
  app.use(docsRoutes({ document, enableDocs }));
  app.use(v1Routes(dataPlane, v1));
  app.use(repositoryRoutes(dataPlane, { ...v1, isEnabled: enableAdmin }));
  app.use(v2Routes(dataPlane, v1));
  app.use(unknownPath());
  app.use(errorHandler());
  return app;
}
