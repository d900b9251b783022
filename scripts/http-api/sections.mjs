/** The parts of docs/http-api.md that are made from the description of the API. */
import { schemaSections, typeText } from './schemas.mjs';
import { table } from './table.mjs';

const START = (name) => `<!-- api:${name}: made by \`node scripts/http-api.mjs\` -->`;
const END = (name) => `<!-- /api:${name} -->`;

const EVENT = 'application/cloudevents+json';

/** How long an answer among the routes may be. */
const MAX_EXAMPLE = 80;

/** What each part is made by, by its name in the page. */
const SECTIONS = { routes, bodies, headers, errors, schemas: schemaSections };

/**
 * Fills the marked parts of a page.
 * @param {string} page
 * @param {object} document the OpenAPI document of a service
 * @param {string} model the name of the model whose paths stand for every model's
 * @returns {string}
 * @throws {Error} when the page lacks a part
 */
export function fillSections(page, document, model) {
  return Object.entries(SECTIONS).reduce((text, [name, make]) => {
    const [start, end] = [START(name), END(name)];
    const from = text.indexOf(start);
    const to = text.indexOf(end);
    if (from < 0 || to < from) throw new Error(`the page has no part from ${start} to ${end}`);
    return `${text.slice(0, from + start.length)}\n\n${make(document, model)}\n\n${text.slice(to)}`;
  }, page);
}

function routes(document, model) {
  const rows = operations(document, model).map(({ route, operation: { summary, requestBody, responses } }) => {
    const { 200: ok, ...others } = responses;
    const answer = requestBody?.required === true ? '' : shortExample(ok);
    return [`\`${route}\``, summary, answer, Object.keys(others).join(' ')];
  });
  return table(['route', 'what it does', 'answer', 'errors'], rows);
}

/** One row for all routes and media types whose bodies and answers are the same. */
function bodies(document, model) {
  const found = operations(document, model).flatMap(({ route, operation: { requestBody, responses } }) => {
    const answers = responses['200'].content;
    const ofRoute = Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) => {
      const answer = bodyText((type === EVENT ? answers[EVENT] : answers['application/json']).schema);
      return { type, body: bodyText(schema), answer };
    });
    return ofRoute.map((row) => ({ route: `\`${route}\``, ...row }));
  });
  const byTypes = grouped(found, ['route', 'body', 'answer'], 'type');
  const rows = grouped(byTypes, ['type', 'body', 'answer'], 'route');
  return table(
    ['routes', 'Content-Type', 'body', 'answer'],
    rows.map(({ route, type, body, answer }) => [route, type, body, answer]),
  );
}

function headers({ components: { parameters, headers: answered } }) {
  const rows = [
    ...Object.values(parameters).map(({ name, description }) => [`\`${name}\``, 'request', description]),
    ...Object.entries(answered).map(([name, { description }]) => [`\`${name}\``, 'answer', description]),
  ];
  return table(['header', 'of', 'meaning'], rows);
}

function errors({ components: { responses } }) {
  const rows = Object.entries(responses)
    .sort(([, a], [, b]) => a['x-http-status'] - b['x-http-status'])
    .map(([name, { description, 'x-http-status': status, 'x-grpc-status': grpc, content }]) => {
      const code = `\`${name}\``;
      const when = description.replace(`${code}: `, '');
      const [example] = Object.values(content['application/json'].examples ?? {});
      return [status, grpc === undefined ? '' : code, grpc ?? '', when, example?.value.error ?? ''];
    });
  return table(['HTTP', 'code', 'gRPC', 'when', 'for instance'], rows);
}

/** Rows that are alike in some columns as one, in which another column has the values of all. */
function grouped(rows, alike, joined) {
  const groups = new Map();
  for (const row of rows) {
    const key = JSON.stringify(alike.map((column) => row[column]));
    const group = groups.get(key);
    groups.set(key, group === undefined ? row : { ...group, [joined]: `${group[joined]}<br>${row[joined]}` });
  }
  return [...groups.values()];
}

/** Every operation with its route; the model's name stands for any. */
function operations({ paths }, model) {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      route: `${method.toUpperCase()} ${path.replace(new RegExp(`(?<=/models/)${model}\\b`), '{name}')}`,
      operation,
    })),
  );
}

/** The one body that is shown, where it is a line. */
function shortExample({ content }) {
  const [first, ...others] = Object.values(content['application/json']?.examples ?? {});
  const text = first === undefined || others.length > 0 ? '' : JSON.stringify(first.value);
  return text === '' || text.length > MAX_EXAMPLE ? '' : `\`${text}\``;
}

/** The fields of an event's data and of a form are worth more than their type; of an event, not that it may be none. */
function bodyText({ description, ...schema }) {
  const { anyOf = [], allOf, properties = {} } = schema;
  const event = anyOf.find((each) => each.allOf !== undefined);
  if (event !== undefined) return bodyText(event);
  if (allOf !== undefined) return `${typeText(schema)}, \`data\`: ${typeText(properties.data)}`;
  if (properties.file !== undefined) return properties.file.description;
  return description ?? typeText(schema);
}
