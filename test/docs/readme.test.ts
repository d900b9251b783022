import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeOptions } from '../../src/config/help.js';
import { TRANSFORMER_OPTIONS } from '../../src/transformers/registry.js';
import { optionRows } from './option-tables.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const README = readFileSync(path.join(ROOT, 'README.md'), 'utf8');

describe('README.md', () => {
  it('lists the flags of the first hour with their defaults and meanings, as npm run docs:flags writes them', () => {
    const rows = optionRows(README);
    const options = describeOptions(TRANSFORMER_OPTIONS).map(({ name, defaultValue = '', description }) => [
      `\`--${name}\``,
      defaultValue,
      description,
    ]);
    expect(rows).toHaveLength(12);
    for (const row of rows) expect(options).toContainEqual(row);
  });

  it('names only files and scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    const commands = [...README.matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name);
    for (const name of commands) expect(Object.keys(scripts)).toContain(name);
    for (const [, link = ''] of README.matchAll(/\]\(([^)#]+)\)/g)) {
      expect(() => readFileSync(path.join(ROOT, link))).not.toThrow();
    }
  });
});
