import type { ItemApi } from '../../transformers/item-api.js';
import type { ServerInfo } from '../data-plane.js';
import { componentSchemas, itemSchemas } from './component-schemas.js';
import type { DescribedModel } from './described-model.js';
import { errorComponents, errorRef } from './error-answers.js';
import { ANSWER_HEADERS, REQUEST_HEADERS } from './headers.js';
import { isOpen } from '../open-paths.js';
import type { OpenApiDocument, Operation, Paths } from './open-api-document.js';
import { mergePaths } from './operation.js';
import { REPOSITORY_TAG, repositoryPaths } from './repository-paths.js';
import { SERVER_TAGS, serverPaths } from './server-paths.js';
import { v1Paths } from './v1-paths.js';
import { v2Paths } from './v2-paths.js';

/** What the description of the API is made from. */
export interface OpenApiOptions {
  readonly info: ServerInfo;
  readonly models: readonly DescribedModel[];
  readonly limits: { readonly maxBodyBytes: number; readonly maxItems: number };
  /** Whether calls must bring a bearer token; probes, metrics and this description need none. */
  readonly isTokenNeeded: boolean;
  /** Whether there is a page at `/docs`. */
  readonly hasDocsPage: boolean;
}

const BEARER = 'bearer';

/**
 * Describes the REST side as an OpenAPI 3.1 document. Every served model has a tag and paths of its own, with its name
 * in them, so that its schemas and examples are its own, too.
 */
export function createOpenApi(options: OpenApiOptions): OpenApiDocument {
  const { info, models, isTokenNeeded } = options;
  const paths = mergePaths([
    ...models.flatMap((model) => [v1Paths(model), v2Paths(model)]),
    serverPaths(options),
    repositoryPaths(models),
  ]);
  return {
    openapi: '3.1.0',
    info: {
      title: info.name,
      version: info.version,
      description: overview(options),
      license: { name: 'MIT', identifier: 'MIT' },
    },
    tags: [...models.map(modelTag), ...Object.values(SERVER_TAGS), REPOSITORY_TAG],
    servers: [{ url: '/' }],
    security: isTokenNeeded ? [{ [BEARER]: [] }] : [],
    paths: isTokenNeeded ? secured(paths) : paths,
    components: {
      schemas: componentSchemas(describedItems(models)),
      responses: errorComponents(),
      parameters: REQUEST_HEADERS,
      headers: ANSWER_HEADERS,
      ...(isTokenNeeded && { securitySchemes: { [BEARER]: { type: 'http', scheme: 'bearer' } } }),
    },
  };
}

function overview({ limits }: OpenApiOptions): string {
  return [
    "KServe's V1 protocol and the Open Inference Protocol (V2) for each served model.",
    'An error answers `{"error": "…"}` with its status; every answer has an `x-request-id`.',
    `A body may have ${limits.maxBodyBytes} bytes after decompression, a request ${limits.maxItems} items.`,
  ].join(' ');
}

function modelTag(model: DescribedModel) {
  const summary =
    model.kind === 'items' ? model.transformer.api?.summary : 'Hands requests to its predictor as they are.';
  return { name: model.name, description: summary ?? `The model ${model.name}.` };
}

/** What the services say of their items, each once however many models they serve. */
function describedItems(models: readonly DescribedModel[]) {
  const apis = models.flatMap((model): (ItemApi | undefined)[] =>
    model.kind === 'items' ? [model.transformer.api] : [],
  );
  return [...new Set(apis)].map(itemSchemas);
}

/** Every operation may refuse a call without a token, but for the open ones. */
function secured(paths: Paths): Paths {
  const withToken = (operation: Operation): Operation => ({
    ...operation,
    responses: { ...operation.responses, 401: errorRef('unauthenticated') },
  });
  return Object.fromEntries(
    Object.entries(paths).map(([path, item]) => {
      const secure = (method: string, operation: Operation) =>
        isOpen(method, path) ? { ...operation, security: [] } : withToken(operation);
      const operations = Object.entries(item).map(
        ([method, operation]) => [method, secure(method, operation)] as const,
      );
      return [path, Object.fromEntries(operations)];
    }),
  );
}
