/**
 * Writes the table of all flags into README.md, from the same schema that validates them. Run by `npm run docs:flags`,
 * which builds before and lays the table out after.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { describeOptions } from '../dist/config/help.js';
import { TRANSFORMER_OPTIONS } from '../dist/transformers/registry.js';

const README = new URL('../README.md', import.meta.url);
const PLACE = /(<!-- flags: [^>]*-->)[^]*(<!-- \/flags -->)/;

const rows = describeOptions(TRANSFORMER_OPTIONS).map(({ name, accepts, defaultValue, description }) =>
  [`\`--${name}\``, defaultValue ?? '', description, accepts].join(' | '),
);
const table = ['flag | default | meaning | takes', '--- | --- | --- | ---', ...rows].join('\n');
writeFileSync(README, readFileSync(README, 'utf8').replace(PLACE, `$1\n\n${table}\n\n$2`));
