import type { ServerInfo } from '../data-plane.js';
import { schemaOf } from './component-schemas.js';
import { json, operation } from './operation.js';
import type { Paths } from './open-api-document.js';

/** The tags of what concerns the service as a whole. */
export const SERVER_TAGS = {
  health: { name: 'health', description: 'Whether the service lives, is ready, and what it has done' },
  server: { name: 'server', description: 'What the service is and what it serves' },
} as const;

const health = SERVER_TAGS.health.name;
const server = SERVER_TAGS.server.name;

/** What is known of the service as a whole. */
export interface ServerPathsOptions {
  readonly info: ServerInfo;
  readonly models: readonly { readonly name: string }[];
  readonly hasDocsPage: boolean;
}

/** The paths that concern the service as a whole. */
export function serverPaths(options: ServerPathsOptions): Paths {
  return { ...healthPaths(), ...metadataPaths(options), ...(options.hasDocsPage && docsPath()) };
}

function healthPaths(): Paths {
  return {
    '/': {
      get: operation({
        id: 'alive',
        tag: health,
        summary: 'Whether the process runs',
        answer: { description: 'It runs', content: json(schemaOf('Alive'), { alive: { value: { status: 'alive' } } }) },
        errors: [],
      }),
    },
    '/v2/health/live': {
      get: operation({
        id: 'live',
        tag: health,
        summary: 'Whether the process runs: the liveness probe',
        answer: { description: 'It runs', content: json(schemaOf('Live'), { live: { value: { live: true } } }) },
        errors: [],
      }),
    },
    '/v2/health/ready': {
      get: operation({
        id: 'ready',
        tag: health,
        summary: 'Whether the models can answer: the readiness probe',
        answer: { description: 'They can', content: json(schemaOf('Ready'), { ready: { value: { ready: true } } }) },
        errors: ['unavailable'],
      }),
    },
    '/metrics': {
      get: operation({
        id: 'metrics',
        tag: health,
        summary: "Counters and histograms in Prometheus' text format",
        answer: { description: 'The metrics', content: { 'text/plain': { schema: { type: 'string' } } } },
        errors: ['internal'],
      }),
    },
  };
}

function metadataPaths({ info, models }: ServerPathsOptions): Paths {
  const names = { models: { value: { models: models.map(({ name }) => name) } } };
  return {
    '/v1/models': {
      get: operation({
        id: 'listModelsV1',
        tag: server,
        summary: 'The names of the served models',
        answer: { description: 'The names', content: json(schemaOf('ModelList'), names) },
        errors: [],
      }),
    },
    '/v2': {
      get: operation({
        id: 'serverMetadata',
        tag: server,
        summary: "The service's name, version and protocol extensions",
        answer: {
          description: 'The metadata',
          content: json(schemaOf('ServerMetadata'), { metadata: { value: info } }),
        },
        errors: [],
      }),
    },
    '/v2/models': {
      get: operation({
        id: 'listModelsV2',
        tag: server,
        summary: 'The names of the served models',
        answer: { description: 'The names', content: json(schemaOf('ModelList'), names) },
        errors: [],
      }),
    },
    '/openapi.json': {
      get: operation({
        id: 'openApi',
        tag: server,
        summary: 'This description',
        answer: {
          description: 'An OpenAPI 3.1 document',
          content: json(schemaOf('OpenApi')),
        },
        errors: [],
      }),
    },
  };
}

function docsPath(): Paths {
  return {
    '/docs': {
      get: operation({
        id: 'docs',
        tag: server,
        summary: 'This description as a page, on which every call can be tried',
        answer: { description: 'Swagger UI', content: { 'text/html': { schema: { type: 'string' } } } },
        errors: [],
      }),
    },
  };
}
