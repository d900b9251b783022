/**
 * Writes the tables of options into docs/configuration.md (all of them) and README.md (those of the first hour), from the
 * same schemas that validate them. Run by `npm run docs:flags`, which builds before.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { describeGroups } from '../dist/config/help.js';
import { TRANSFORMER_OPTIONS } from '../dist/transformers/registry.js';

/** What somebody who tries the service asks for first. */
const FIRST_HOUR = [
  'model_name',
  'transformer',
  'predictor_host',
  'predictor_protocol',
  'predictor_request_timeout_seconds',
  'concurrency',
  'http_port',
  'max_body_bytes',
  'max_items',
  'request_timeout_seconds',
  'single_response',
  'log_level',
];

const groups = describeGroups(TRANSFORMER_OPTIONS).filter(({ options }) => options.length > 0);
const all = groups.flatMap(({ options }) => options);

const sections = groups.map(({ title, isPerModel, options }) => {
  const rows = options.map((option) => [
    `\`--${option.name}\``,
    `\`${option.variable}\``,
    option.defaultValue ?? '',
    option.description,
    option.accepts,
  ]);
  const scope = isPerModel ? 'Each entry of `models` may have its own.' : 'For the whole process.';
  return `### ${title}\n\n${scope}\n\n${table(['flag', 'variable', 'default', 'meaning', 'takes'], rows)}`;
});
const firstRows = FIRST_HOUR.map((name) => {
  const { defaultValue = '', description } = all.find((option) => option.name === name);
  return [`\`--${name}\``, defaultValue, description];
});

await write('docs/configuration.md', sections.join('\n\n'));
await write('README.md', table(['flag', 'default', 'meaning'], firstRows));

function table(head, rows) {
  const lines = [head, head.map(() => '---'), ...rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))];
  return lines.map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** Puts the text between the two comments that mark its place. */
async function write(name, text) {
  const file = new URL(`../${name}`, import.meta.url);
  const place = /(<!-- flags: [^>]*-->)[^]*(<!-- \/flags -->)/;
  const content = readFileSync(file, 'utf8').replace(place, (_, start, end) => `${start}\n\n${text}\n\n${end}`);
  writeFileSync(file, await format(content, { ...(await resolveConfig(file)), filepath: file.pathname }));
}
