import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type RequestHandler, Router } from 'express';
import { DOCS_FILES, DOCS_HEADERS, DOCS_HTML, DOCS_PATH, DOCS_SCRIPT } from './docs-page.js';
import { onlyMethods, READ } from './middleware/error-handler.js';
import type { OpenApiDocument } from './openapi/open-api-document.js';
import { sendBody } from './send-json.js';

/** What the routes show. */
export interface DocsOptions {
  /** Asked once, when somebody asks for it first. */
  readonly document: () => OpenApiDocument;
  /** Whether there is a page at `/docs`. */
  readonly enableDocs: boolean;
}

/** What is part of the program: caches ask whether theirs is still the one. */
const ASK_AGAIN = 'no-cache';

/** Swagger UI's files change with its releases alone. */
const KEEP_A_DAY = 'public, max-age=86400';

const FILE_TYPES = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  png: 'image/png',
} as const;

/** `GET /openapi.json`, and where it is enabled `GET /docs` with Swagger UI. */
export function docsRoutes({ document, enableDocs }: DocsOptions): Router {
  // As files are: the page's addresses are relative to the path without a slash.
  const router = Router({ strict: true, caseSensitive: true });
  const serve = (address: string, sent: SentBytes) => {
    router.get(address, sendBytes(sent));
    router.all(address, onlyMethods(...READ));
  };
  serve('/openapi.json', { type: 'application/json', caching: ASK_AGAIN, make: () => JSON.stringify(document()) });
  if (!enableDocs) return router;

  router.use(DOCS_PATH, (_request, response, next) => {
    response.set(DOCS_HEADERS);
    next();
  });
  serve(DOCS_PATH, { type: 'text/html; charset=utf-8', caching: ASK_AGAIN, make: () => DOCS_HTML });
  serve(`${DOCS_PATH}/start.js`, { type: FILE_TYPES.js, caching: ASK_AGAIN, make: () => DOCS_SCRIPT });
  const require = createRequire(import.meta.url);
  const folder = path.dirname(require.resolve('swagger-ui-dist/package.json'));
  for (const { name, type } of DOCS_FILES) {
    const make = () => readFileSync(path.join(folder, `${name}.${type}`));
    serve(`${DOCS_PATH}/${name}.${type}`, { type: FILE_TYPES[type], caching: KEEP_A_DAY, make });
  }
  router.get(`${DOCS_PATH}/`, (_request, response) => {
    response.redirect(308, `..${DOCS_PATH}`);
  });
  return router;
}

/** Bytes that are the same as long as the process runs. */
interface SentBytes {
  readonly type: string;
  readonly caching: string;
  /** Called once, when they are asked for first. */
  readonly make: () => string | Buffer;
}

/** Answers with bytes, or that they have not changed since the client has got them. */
function sendBytes({ type, caching, make }: SentBytes): RequestHandler {
  let made: { readonly bytes: Buffer; readonly etag: string } | undefined;
  return function sendBytesMiddleware(request, response) {
    made ??= withTag(make());
    const { bytes, etag } = made;
    response.set({ 'cache-control': caching, etag });
    if (request.fresh) response.status(304).end();
    else sendBody(response, { headers: { 'content-type': type }, pieces: [bytes] });
  };
}

function withTag(content: string | Buffer) {
  const bytes = Buffer.from(content);
  return { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url')}"` };
}
