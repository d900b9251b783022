import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeOptions } from '../../src/config/help.js';
import { TRANSFORMER_OPTIONS } from '../../src/transformers/registry.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const README = readFileSync(path.join(ROOT, 'README.md'), 'utf8');

describe('README.md', () => {
  it('lists every flag with its default and meaning, as npm run docs:flags writes them', () => {
    const rows = README.split('\n').filter((line) => line.startsWith('| `--'));
    const cells = rows.map((row) => row.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '').trim()));
    const options = describeOptions(TRANSFORMER_OPTIONS);
    expect(cells).toEqual(
      options.map(({ name, defaultValue = '', description, accepts }) => [
        `\`--${name}\``,
        defaultValue,
        description,
        accepts,
      ]),
    );
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
