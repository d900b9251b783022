import { readFileSync } from 'node:fs';
import { multiResponseSchema } from 'common-data-type';
import { describeOptions } from '../../src/config/help.js';
import { type ErrorCode, httpStatus } from '../../src/errors.js';
import { TRANSFORMER_OPTIONS } from '../../src/transformers/registry.js';

const document = readFileSync('docs/contract.md', 'utf8');
const options = new Map(describeOptions(TRANSFORMER_OPTIONS).map((option) => [option.name, option]));

describe('docs/contract.md', () => {
  it('names flags that there are', () => {
    const flags = [...document.matchAll(/`--([a-z_]+)/g)].map(([, flag = '']) => flag);
    expect(flags.length).toBeGreaterThan(5);
    expect(flags.filter((flag) => !options.has(flag))).toEqual([]);
  });

  it('states the limits that are the defaults', () => {
    const rows = [...document.matchAll(/^\|[^|]+\| (\d[\d, ]*?) +\| (`--.+`) +\|$/gm)];
    expect(rows).toHaveLength(6);
    for (const [, defaults = '', flags = ''] of rows) {
      const actual = [...flags.matchAll(/--([a-z_]+)/g)].map(([, flag = '']) => options.get(flag)?.defaultValue);
      expect([flags, defaults.split(', ')]).toEqual([flags, actual]);
    }
  });

  it('gives each error code its status', () => {
    const rows = [...document.matchAll(/^\| (\d{3}) +\| `(\w+)`/gm)];
    expect(rows).toHaveLength(13);
    for (const [, status, code] of rows) expect([code, httpStatus(code as ErrorCode)]).toEqual([code, Number(status)]);
  });

  it('shows answers that its own schema takes', () => {
    const examples = [...document.matchAll(/```json\n(.*?)```/gs)];
    expect(examples).toHaveLength(2);
    for (const [, example = ''] of examples) multiResponseSchema.parse(JSON.parse(example));
  });
});
