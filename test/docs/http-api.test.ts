import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describeOptions } from '../../src/config/help.js';
import { DATATYPES } from '../../src/tensor.js';
import { TRANSFORMER_OPTIONS } from '../../src/transformers/registry.js';

const PAGE = 'docs/http-api.md';
const page = readFileSync(PAGE, 'utf8');
const options = new Map(describeOptions(TRANSFORMER_OPTIONS).map((option) => [option.name, option]));

/** The section under a heading of the second level. */
function section(title: string): string {
  return page.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? '';
}

describe('docs/http-api.md', () => {
  it('names flags that there are', () => {
    const flags = [...page.matchAll(/`--([a-z_]+)/g)].map(([, flag = '']) => flag);
    expect(flags.length).toBeGreaterThan(5);
    expect(flags.filter((flag) => !options.has(flag))).toEqual([]);
  });

  it('states the limits that are the defaults', () => {
    const rows = [...section('Limits').matchAll(/^\|[^|]+\| (\d[\d, ]*?) +\| (`--.+`) +\|$/gm)];
    expect(rows).toHaveLength(6);
    for (const [, defaults = '', flags = ''] of rows) {
      const actual = [...flags.matchAll(/--([a-z_]+)/g)].map(([, flag = '']) => options.get(flag)?.defaultValue);
      expect([flags, defaults.split(', ')]).toEqual([flags, actual]);
    }
  });

  it('names the datatypes that there are', () => {
    const [, listed = ''] = /^The datatypes are ([^.]+)\./m.exec(section('V2')) ?? [];
    expect(listed.split(/, | and /)).toEqual(DATATYPES);
  });

  it('names calls of gRPC that the service’s description has', () => {
    const calls = [...section('gRPC').matchAll(/^\| ((?:`\w+`(?:, )?)+)/gm)].flatMap(([, names = '']) =>
      [...names.matchAll(/\w+/g)].map(([name]) => name),
    );
    expect(calls).toHaveLength(10);
    const proto = readFileSync('protos/grpc_service.proto', 'utf8');
    expect(calls.filter((call) => !proto.includes(`rpc ${call}(`))).toEqual([]);
  });

  it('refers to headings that there are', () => {
    const headings = [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title.toLowerCase().replaceAll(' ', '-'),
    );
    const links = new Set([...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, link = '']) => link));
    expect(links.size).toBeGreaterThan(10);
    expect([...links].filter((link) => !headings.includes(link))).toEqual([]);
  });
});

/** The page's commands are for a shell with curl. */
const hasCurl = spawnSync('bash', ['-c', 'command -v curl od base64']).status === 0;

(hasCurl ? describe : describe.skip)('scripts/http-api.mjs (needs bash, curl, od and base64)', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'http-api-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const check = (...args: readonly string[]) =>
    new Promise<{ code: number | null; problems: string }>((resolve) => {
      const child = execFile(process.execPath, ['scripts/http-api.mjs', '--check', ...args], (_, __, problems) =>
        resolve({ code: child.exitCode, problems }),
      );
    });
  const checkPage = async (text: string) => {
    const file = path.join(folder, 'page.md');
    await writeFile(file, text);
    return check('--page', file);
  };

  it('finds docs/http-api.md up to date', async () => {
    expect(await check()).toEqual({ code: 0, problems: '' });
  });

  it('finds a score that the service does not give, and says where', async () => {
    const wrong = page.replace('"score": 0.812', '"score": 0.813');
    const line = wrong.slice(0, wrong.indexOf('0.813')).split('\n').length;
    expect(await checkPage(wrong)).toEqual({
      code: 1,
      problems: expect.stringContaining(`is not up to date, first at line ${line};`),
    });
  });

  it('finds a table that is not the description’s', async () => {
    const { code, problems } = await checkPage(page.replace('| The names of the served models ', '| The model names '));
    expect([code, problems]).toEqual([1, expect.stringContaining('is not up to date')]);
  });

  it('fails where a part of the page is missing', async () => {
    expect(await checkPage(page.replace('<!-- /api:errors -->', ''))).toEqual({
      code: 1,
      problems: expect.stringContaining('the page has no part from <!-- api:errors'),
    });
  });

  it('fails where a command does', async () => {
    expect(await checkPage(page.replace('curl -sS', 'curl --sS'))).toEqual({
      code: 1,
      problems: expect.stringContaining('This command of the page ends with 2:\ncurl --sS'),
    });
  });
});
