import { Router } from 'express';
import type { Metrics } from '../observability/metrics.js';
import type { DataPlane } from './data-plane.js';
import { onlyMethods, READ } from './middleware/error-handler.js';
import { sendJson } from './send-json.js';

/** What probes and dashboards ask: `GET /`, `/v2/health/live`, `/v2/health/ready`, `/metrics`. */
export function healthRoutes(dataPlane: DataPlane, metrics: Pick<Metrics, 'expose'>): Router {
  const router = Router();
  router.get('/', (_request, response) => {
    sendJson(response, { status: 'alive' });
  });
  router.get('/v2/health/live', (_request, response) => {
    sendJson(response, { live: true });
  });
  router.get('/v2/health/ready', async (_request, response) => {
    await dataPlane.assertReady();
    sendJson(response, { ready: true });
  });
  router.get('/metrics', async (request, response) => {
    const { contentType, text } = await metrics.expose(request.get('accept'));
    response.set('Content-Type', contentType).send(text);
  });
  router.all(['/', '/v2/health/live', '/v2/health/ready', '/metrics'], onlyMethods(...READ));
  return router;
}
