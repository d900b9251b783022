import * as z from 'zod';
import { choice } from '../../src/config/fields.js';
import { loadConfig } from '../../src/config/load-config.js';

const transformers = {
  facequality: z.object({ facequality_chain: choice(['auto', 'full']).default('auto') }),
  other: z.object({}),
};

function load(argv: string[], env: NodeJS.ProcessEnv = {}, file?: string) {
  const readFile = () => {
    if (file === undefined) throw new Error('ENOENT: no such file');
    return file;
  };
  return loadConfig({ argv, env, readFile, transformers });
}

describe('loadConfig()', () => {
  it('is complete without any option', () => {
    const { config, transformer, transformerOptions, warnings, problems } = load([]);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([]);
    expect(transformer).toBe('facequality');
    expect(transformerOptions['facequality']).toEqual({ facequality_chain: 'auto' });
    expect(config).toMatchObject({
      modelName: 'facequality',
      predictorHost: 'embedded',
      httpPort: 8080,
      maxItems: 256,
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it.each([
    ['an underscore and a space', ['--http_port', '9090']],
    ['an equals sign', ['--http_port=9090']],
    ['a hyphen', ['--http-port', '9090']],
    ['a hyphen and an equals sign', ['--http-port=9090']],
  ])('takes a flag written with %s', (_, argv) => {
    expect(load(argv).config?.httpPort).toBe(9090);
  });

  it("takes the start line of KServe's controller", () => {
    const argv = ['--model_name', 'my-faces', '--predictor_host', 'my-faces-predictor.ns', '--http_port', '8080'];
    const { config, warnings, problems } = load([...argv, '--workers', '4', '--transformer=facequality']);
    expect(problems).toEqual([]);
    expect(config).toMatchObject({ modelName: 'my-faces', predictorHost: 'my-faces-predictor.ns', httpPort: 8080 });
    expect(warnings).toEqual(['unknown flag --workers is passed over']);
  });

  it('warns about an argument that belongs to no flag', () => {
    expect(load(['stray']).warnings).toEqual(['argument "stray" is passed over: it belongs to no flag']);
  });

  it('lets flags win over the environment and the environment over the file', () => {
    const file = 'max_items: 1\nhttp_port: 1\nconcurrency: 1\nlog-level: debug\n';
    const env = { HTTP_PORT: '2', CONCURRENCY: '2', CONFIG: 'service.yaml' };
    expect(load(['--concurrency', '3'], env, file).config).toMatchObject({
      maxItems: 1,
      httpPort: 2,
      concurrency: 3,
      logLevel: 'debug',
    });
  });

  it('passes over the address that Kubernetes sets for a Service called http', () => {
    const { config, warnings } = load([], { HTTP_PORT: 'tcp://10.0.0.1:80' });
    expect(config?.httpPort).toBe(8080);
    expect(warnings[0]).toContain('HTTP_PORT is passed over');
  });

  it.each([
    [{ KSERVE_LOGLEVEL: 'WARNING' }, 'warn', 0],
    [{ KSERVE_LOGLEVEL: 'critical' }, 'fatal', 0],
    [{ KSERVE_LOGLEVEL: 'DEBUG', LOG_LEVEL: '' }, 'debug', 0],
    [{ KSERVE_LOGLEVEL: 'DEBUG', LOG_LEVEL: 'error' }, 'error', 0],
    [{ KSERVE_LOGLEVEL: 'LOUD' }, 'info', 1],
  ])("understands KServe's log level in %j", (env, level, warnings) => {
    const loaded = load([], env);
    expect(loaded.config?.logLevel).toBe(level);
    expect(loaded.warnings).toHaveLength(warnings);
  });

  it('hands each transformer its own options', () => {
    const { transformerOptions } = load(['--facequality_chain', 'full', '--transformer', 'other']);
    expect(transformerOptions).toEqual({ facequality: { facequality_chain: 'full' }, other: {} });
  });

  it('reports all problems at once, each with where the value came from', () => {
    const { config, problems } = load(
      ['--http_port', 'eighty', '--facequality_chain=half', '--config', 'service.yaml'],
      { MAX_ITEMS: '-1' },
      'single_response: both\nrequest_timeout_seconds: soon\n',
    );
    expect(config).toBeUndefined();
    expect(problems).toEqual([
      '--http_port expects a whole number from 0 to 65535, received "eighty"',
      'environment variable MAX_ITEMS expects a whole number from 1 to 1000000, received "-1"',
      'key request_timeout_seconds of the configuration file expects a number from 0.001 to 86400, received "soon"',
      'key single_response of the configuration file expects one of multi, bare, received "both"',
      '--facequality_chain expects one of auto, full, received "half"',
    ]);
  });

  it.each([
    [['--http_port'], '--http_port expects a value'],
    [['--pixel_budget', '10', '--max_pixels', '11'], '--pixel_budget 10 is less than --max_pixels 11'],
    [['--body_budget_bytes', '9'], '--body_budget_bytes 9 is less than --max_body_bytes 67108864'],
    [
      ['--transformer', 'unheard_of'],
      '--transformer: there is no transformer "unheard_of"; the names are facequality, other',
    ],
    [['--model_name', 'my-faces'], '--model_name "my-faces" is not the name of a transformer: say which one to run'],
    [['--config', 'gone.yaml'], '--config: the file cannot be read: ENOENT'],
  ])('refuses %j', (argv, problem) => {
    expect(load(argv).problems.join()).toContain(problem);
  });

  it.each([
    ['a: [', 'the configuration file is not YAML'],
    ['- one', 'the configuration file does not hold keys and values'],
  ])('refuses the file %j', (file, problem) => {
    expect(load(['--config', 'f'], {}, file).problems.join()).toContain(problem);
  });

  it('takes an empty file and warns about unknown keys', () => {
    expect(load(['--config', 'f'], {}, '').problems).toEqual([]);
    expect(load(['--config', 'f'], {}, 'htp_port: 1').warnings).toEqual([
      'unknown key htp_port of the configuration file is passed over',
    ]);
  });
});
