import express, { type Express } from 'express';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import type { DataPlane } from './data-plane.js';
import { healthRoutes } from './health-routes.js';
import { errorHandler, unknownPath } from './middleware/error-handler.js';
import { requestContext } from './middleware/request-context.js';
import { type V1Options, v1Routes } from './rest-v1/routes.js';

/** Makes the REST side: routes and middleware, no port yet. */
export function createHttpApp(options: {
  dataPlane: DataPlane;
  metrics: Pick<Metrics, 'contentType' | 'text'>;
  logger: Pick<Logger, 'info' | 'debug' | 'error'>;
  v1: V1Options;
}): Express {
  const { dataPlane, metrics, logger, v1 } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(requestContext({ logger }));
  app.use(healthRoutes(dataPlane, metrics));
  app.use(v1Routes(dataPlane, v1));
  app.use(unknownPath());
  app.use(errorHandler());
  return app;
}
