import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { parseAllDocuments } from 'yaml';
import * as z from 'zod';
import { loadConfig } from '../../src/config/load-config.js';
import { createMetrics } from '../../src/observability/metrics.js';
import { createDataPlane } from '../../src/server/data-plane.js';
import { healthRoutes } from '../../src/server/health-routes.js';
import { TRANSFORMER_OPTIONS } from '../../src/transformers/registry.js';

const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.number() }) });
const container = z.object({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()),
  ports: z.array(z.object({ containerPort: z.number() })),
  readinessProbe: probe,
  livenessProbe: probe,
  securityContext: z.object({ runAsUser: z.number() }),
});
const named = (kind: string) => ({ kind: z.literal(kind), metadata: z.object({ name: z.string() }) });
const manifest = z.tuple([
  z.object({ ...named('Secret'), stringData: z.record(z.string(), z.string()) }),
  z.object({ ...named('ServiceAccount'), secrets: z.array(z.object({ name: z.string() })) }),
  z.object({
    ...named('InferenceService'),
    spec: z.object({
      predictor: z.object({
        serviceAccountName: z.string(),
        model: z.object({
          protocolVersion: z.string(),
          storageUri: z.string(),
          ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
        }),
      }),
      transformer: z.object({ timeout: z.number(), containers: z.tuple([container]) }),
    }),
  }),
]);

const documents = parseAllDocuments(readFileSync('deploy/facequality.yaml', 'utf8')).map(
  (document) => document.toJS() as unknown,
);
const dockerfile = readFileSync('Dockerfile', 'utf8');

describe('deploy/facequality.yaml', () => {
  const [secret, serviceAccount, service] = manifest.parse(documents);
  const { predictor, transformer } = service.spec;
  const [ours] = transformer.containers;

  it('can be applied to any namespace', () => {
    for (const document of documents) expect(document).not.toHaveProperty('metadata.namespace');
  });

  it('gives the predictor the keys of the bucket, through its service account', () => {
    expect(predictor.serviceAccountName).toBe(serviceAccount.metadata.name);
    expect(serviceAccount.secrets).toEqual([{ name: secret.metadata.name }]);
    expect(Object.keys(secret.stringData)).toEqual(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']);
    expect(Object.values(secret.stringData)).toEqual(['REPLACE_ME', 'REPLACE_ME']);
    expect(predictor.model.storageUri).toMatch(/^s3:\/\//);
  });

  it('starts the service with flags that it knows, in the protocol that the predictor speaks', () => {
    const addedByKserve = ['--model_name', service.metadata.name, '--predictor_host', 'facequality-predictor.models'];
    const { models, problems, warnings } = loadConfig({
      argv: [...ours.args, ...addedByKserve, '--http_port', '8080'],
      env: {},
      readFile: () => '',
      transformers: TRANSFORMER_OPTIONS,
    });

    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
    expect(models).toMatchObject([
      {
        transformer: 'facequality',
        options: { facequality_chain: 'full' },
        predictor: { protocol: predictor.model.protocolVersion },
      },
    ]);
    expect(predictor.model.ports).toEqual([expect.objectContaining({ name: 'h2c', containerPort: 9000 })]);
  });

  it('lets the service answer a request that takes too long before the mesh does', () => {
    const limit = ours.args.find((argument) => argument.startsWith('--request_timeout_seconds='))?.split('=')[1];
    expect(transformer.timeout).toBeGreaterThan(Number(limit));
  });

  it('probes routes that the service answers', async () => {
    const metrics = createMetrics();
    const app = express().use(
      healthRoutes(createDataPlane([], { info: { name: '', version: '', extensions: [] }, readiness: 'all' }), metrics),
    );
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      for (const { httpGet } of [ours.readinessProbe, ours.livenessProbe]) {
        const response = await fetch(`http://127.0.0.1:${port}${httpGet.path}`);
        expect([httpGet.path, response.status]).toEqual([httpGet.path, 200]);
      }
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it('agrees with the image on user and port', () => {
    const user = ours.securityContext.runAsUser;
    expect(dockerfile).toContain(`USER ${user}:${user}`);
    for (const port of [
      ours.ports[0]?.containerPort,
      ours.readinessProbe.httpGet.port,
      ours.livenessProbe.httpGet.port,
    ])
      expect(dockerfile).toContain(`EXPOSE ${port ?? 'a port'}`);
  });
});
