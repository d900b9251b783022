import type { RequestListener } from 'node:http';
import express, { type Express } from 'express';
import type { Metrics } from '../observability/metrics.js';
import type { RequestTracing } from './call-state.js';
import type { DataPlane } from './data-plane.js';
import { docsRoutes } from './docs-routes.js';
import type { HeaderForwarding } from './header-forwarding.js';
import { healthRoutes } from './health-routes.js';
import type { CallJournal } from './log-call.js';
import type { Guard } from './middleware/bearer-token.js';
import { errorHandler, unknownPath } from './middleware/error-handler.js';
import { openRequests } from './middleware/request-context.js';
import { callModelsFirst } from './model-calls.js';
import { createOpenApi } from './openapi/create-open-api.js';
import { createV1Call, type V1Options, v1Routes } from './rest-v1/routes.js';
import { repositoryRoutes } from './rest-v2/repository-routes.js';
import { createV2Call, v2Routes } from './rest-v2/routes.js';

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
  readonly guard?: Guard | undefined;
  /** Whether there is a page at `/docs`; there is one when undefined. */
  readonly enableDocs?: boolean;
}

/** What answers the requests of a port. */
interface HttpApp {
  readonly listener: RequestListener;
  /** All that there is, by which it is described. */
  readonly routes: Express;
}

/** Makes the REST side: routes and middleware, no port yet. */
export function createHttpApp(options: HttpAppOptions): HttpApp {
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
  const open = openRequests({ journal: { logger, metrics, logsLatency }, forwarding, tracing });
  const calls = { v1: createV1Call(dataPlane, v1), v2: createV2Call(dataPlane, v1) };
  app.use((request, response, next) => {
    open(request, response);
    guard?.(request, response);
    next();
  });
  app.use(v1Routes(dataPlane, calls.v1));
  app.use(healthRoutes(dataPlane, metrics));
  app.use(repositoryRoutes(dataPlane, { ...v1, isEnabled: enableAdmin }));
  app.use(v2Routes(dataPlane, calls.v2));
  // Last, since they are many and each request passes those before its own.
  app.use(docsRoutes({ document, enableDocs }));
  app.use(unknownPath());
  app.use(errorHandler());

  return { listener: callModelsFirst(app, { open, guard, ...calls }), routes: app };
}
