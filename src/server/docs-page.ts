/** Where the page is, and its files behind it. */
export const DOCS_PATH = '/docs';

/**
 * The page that shows the description of the API. Addresses are relative to the page's own, so that it works behind a
 * proxy that puts a prefix in front of the paths.
 */
export const DOCS_HTML = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>kserve-transformer: API</title>
    <link rel="icon" href="docs/favicon-32x32.png" />
    <link rel="stylesheet" href="docs/swagger-ui.css" />
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script type="module" src="docs/start.js"></script>
  </body>
</html>
`;

/** The page's own script; the policy allows none within the page. */
export const DOCS_SCRIPT = `const url = new URL('openapi.json', location.href).href;
const spec = await (await fetch(url)).json();
const ui = SwaggerUIBundle({
  // Calls go where the page came from, whatever prefix a proxy puts in front.
  spec: { ...spec, servers: [{ url: new URL('.', url).href.replace(/\\/$/, '') }] },
  dom_id: '#swagger-ui',
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  // Colouring large answers keeps the page busy for seconds.
  syntaxHighlight: false,
});
ui.specActions.updateUrl(url);
`;

/** Files of swagger-ui-dist that the page is made from. */
export const DOCS_FILES = [
  { name: 'swagger-ui', type: 'css' },
  { name: 'swagger-ui-bundle', type: 'js' },
  { name: 'favicon-32x32', type: 'png' },
] as const;

/** Nothing but the service itself is asked for anything; Swagger UI draws its icons from data URLs. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
];

/** The headers of the page and of its files. */
export const DOCS_HEADERS = {
  'Content-Security-Policy': POLICY.join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
} as const;
