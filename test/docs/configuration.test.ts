import { describeGroups } from '../../src/config/help.js';
import { loadConfig } from '../../src/config/load-config.js';
import { TRANSFORMER_OPTIONS } from '../../src/transformers/registry.js';
import { optionRows, readDocument } from './option-tables.js';

const document = readDocument('docs/configuration.md');
const groups = describeGroups(TRANSFORMER_OPTIONS).filter(({ options }) => options.length > 0);
const options = groups.flatMap((group) => group.options);

describe('docs/configuration.md', () => {
  it('lists every option with its variable, default and meaning, as npm run docs:flags writes them', () => {
    expect(optionRows(document)).toEqual(
      options.map(({ name, variable, defaultValue = '', description, accepts }) => [
        `\`--${name}\``,
        `\`${variable}\``,
        defaultValue,
        description,
        accepts,
      ]),
    );
  });

  it('has a heading for each group, and says which of them a served model may have of its own', () => {
    const headings = [...document.matchAll(/^### (.+)\n\n(.+)$/gm)].map(([, title, scope]) => [title, scope]);
    expect(headings).toEqual(
      groups.map(({ title, isPerModel }) => [
        title,
        isPerModel ? 'Each entry of `models` may have its own.' : 'For the whole process.',
      ]),
    );
  });

  it('names flags and keys that there are', () => {
    const known = new Set([...options.map(({ name }) => name), 'config', 'flag', 'workers']);
    const flags = [...document.matchAll(/--([a-z][a-z_]+)/g)].map(([, flag = '']) => flag);
    expect(flags.filter((flag) => !known.has(flag))).toEqual([]);
  });

  it('shows a file that the service takes', () => {
    const [, file = ''] = /```yaml\n([^]*?)```/.exec(document) ?? [];
    const { config, models, warnings, problems } = loadConfig({
      argv: ['--config', 'service.yaml'],
      env: {},
      readFile: () => file,
      transformers: TRANSFORMER_OPTIONS,
    });
    expect({ warnings, problems }).toEqual({ warnings: [], problems: [] });
    expect(config).toMatchObject({ concurrency: 200, readiness: 'any' });
    expect(models).toMatchObject([
      { name: 'faces', itemErrors: 'fail', options: { facequality_chain: 'full' } },
      { name: 'pictures', readyModels: 'none', predictor: { useSsl: true, retries: 1, requestTimeoutMs: 2500 } },
    ]);
  });
});
