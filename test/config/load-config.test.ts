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
    const { config, models, warnings, problems } = load([]);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({ httpPort: 8080, grpcPort: 8081, enableGrpc: true, maxItems: 256 });
    expect(models).toEqual([
      {
        name: 'facequality',
        transformer: 'facequality',
        options: { facequality_chain: 'auto' },
        predictor: {
          host: 'embedded',
          protocol: undefined,
          useSsl: false,
          modelName: undefined,
          requestTimeoutMs: 30_000,
          retries: 0,
          maxBatchDelayMs: 0,
        },
        readyModels: 'chain',
        itemErrors: 'keep',
        singleResponse: 'multi',
        resize: 'exact',
      },
    ]);
    for (const part of [config, models, models[0], models[0]?.options, models[0]?.predictor])
      expect(Object.isFrozen(part)).toBe(true);
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
    const { config, models, warnings, problems } = load([...argv, '--workers', '4', '--transformer=facequality']);
    expect(problems).toEqual([]);
    expect(config?.httpPort).toBe(8080);
    expect(models).toMatchObject([{ name: 'my-faces', predictor: { host: 'my-faces-predictor.ns' } }]);
    expect(warnings).toEqual([
      'flag --workers is passed over: one process uses every core; more of the service is more replicas',
    ]);
  });

  it.each([
    'workers',
    'max_threads',
    'max-asyncio-workers',
    'event-loop',
    'configure_logging',
    'log_config_file',
    'access_log_format',
    'protocol',
  ])("passes over KServe's --%s with its value, and says why", (flag) => {
    const { config, warnings, problems } = load([`--${flag}`, 'value', '--http_port', '1']);
    expect(problems).toEqual([]);
    expect(config?.httpPort).toBe(1);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`flag --${flag.replaceAll('-', '_')} is passed over: `);
  });

  it("passes over KServe's --enable_predictor_health_check, which has no value, and its keys of the file", () => {
    const { warnings } = load(['--enable_predictor_health_check', '--config', 'f'], {}, 'workers: 4');
    expect(warnings).toEqual([
      'flag --enable_predictor_health_check is passed over: readiness asks the predictor; --ready_models says for which models',
      'key workers of the configuration file is passed over: one process uses every core; more of the service is more replicas',
    ]);
  });

  it('passes over an unknown flag with its value', () => {
    expect(load(['--team', 'vision', '--other=1', '--max-items', '5'])).toMatchObject({
      config: { maxItems: 5 },
      warnings: ['unknown flag --team is passed over', 'unknown flag --other is passed over'],
    });
  });

  it('warns about an argument that belongs to no flag', () => {
    expect(load(['stray', '--max_items=1', 'lost']).warnings).toEqual([
      'argument "stray" is passed over: it belongs to no flag',
      'argument "lost" is passed over: it belongs to no flag',
    ]);
  });

  it('takes the last of a flag that is given twice, and values that begin with a dash or hold an equals sign', () => {
    const argv = ['--max_items', '1', '--max_items', '2', '--grpc_max_send_message_length', '-1', '--ce_source=a=b'];
    expect(load(argv).config).toMatchObject({ maxItems: 2, grpcMaxSendMessageLength: -1, ceSource: 'a=b' });
  });

  it.each([
    ['alone', ['--enable_docs_url', '--max_items', '1'], {}],
    ['at the end', ['--max_items', '1', '--enable-docs-url'], {}],
    ['with a word', ['--enable_docs_url', 'On', '--max_items=1'], {}],
    ['with an equals sign', ['--enable_docs_url=Y', '--max_items=1'], {}],
    ['in the environment', ['--max_items=1'], { ENABLE_DOCS_URL: 'true' }],
  ])('takes a flag of yes or no %s', (_, argv, env) => {
    expect(load(argv, env)).toMatchObject({ config: { enableDocsUrl: true, maxItems: 1 }, warnings: [] });
  });

  it("takes KServe's variables for CloudEvents", () => {
    const env = { CE_SOURCE: 'urn:faces', CE_TYPE: 'scored', CE_MERGE: 'True' };
    expect(load([], env).config).toMatchObject({ ceSource: 'urn:faces', ceType: 'scored', ceMerge: true });
  });

  it('bounds messages over gRPC like bodies, unless told otherwise', () => {
    const bodies = ['--max_body_bytes', '2147483648', '--body_budget_bytes', '2147483648'];
    expect(load([]).config?.grpcMaxReceiveMessageLength).toBe(67_108_864);
    expect(load(bodies).config?.grpcMaxReceiveMessageLength).toBe(2_147_483_647);
    expect(load(['--grpc_max_receive_message_length', '8']).config?.grpcMaxReceiveMessageLength).toBe(8);
  });

  it('keeps the tokens of the service from the predictor, unless they are asked for by name', () => {
    const tokens = ['--bearer_token_file', 'tokens'];
    expect(load([]).config?.forwardHeaders).toContain('authorization');
    expect(load(tokens).config?.forwardHeaders).toEqual(['x-request-id', 'x-b3-traceid', 'traceparent', 'tracestate']);
    expect(load([...tokens, '--forward_headers', 'Authorization,x-*']).config?.forwardHeaders).toEqual([
      'authorization',
      'x-*',
    ]);
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

  it('hands the transformer its own options alone', () => {
    const flags = ['--facequality_chain', 'full'];
    expect(load(flags).models[0]?.options).toEqual({ facequality_chain: 'full' });
    expect(load([...flags, '--transformer', 'other']).models[0]?.options).toEqual({});
  });

  it('reports all problems at once, each with where the value came from', () => {
    const { config, models, problems } = load(
      ['--http_port', 'eighty', '--facequality_chain=half', '--config', 'service.yaml'],
      { MAX_ITEMS: '-1' },
      'single_response: both\nrequest_timeout_seconds: soon\n',
    );
    expect(config).toBeUndefined();
    expect(models).toEqual([]);
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
    [['--http_port', '--max_items', '3'], '--http_port expects a value'],
    [['--enable_grpc', 'maybe'], '--enable_grpc expects true or false (y, yes, t, on, 1; n, no, f, off, 0)'],
    [['--predictor_request_retries', '5'], '--predictor_request_retries expects a whole number from 0 to 4'],
    [['--model_name', 'a:b'], "--model_name expects a model's name, without spaces, slashes and colons"],
    [['--http_port', '8081'], '--grpc_port 8081 is --http_port, too'],
    [['--ssl_certfile', 'c.pem'], '--ssl_certfile needs --ssl_keyfile'],
    [['--ssl_keyfile', 'k.pem'], '--ssl_keyfile needs --ssl_certfile'],
    [
      ['--bearer_token_file', 'tokens', '--forward_headers', 'x-a,/^auth/'],
      '--forward_headers: "/^auth/" means authorization, too, which holds the token of --bearer_token_file; name authorization itself',
    ],
    [['--bearer_token_file', 'tokens', '--forward_headers', '*'], '--forward_headers: "*" means authorization, too'],
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

  it('takes two ports that are free, and one port where there is no gRPC server', () => {
    expect(load(['--http_port', '0', '--grpc_port', '0']).problems).toEqual([]);
    expect(load(['--http_port', '8081', '--enable_grpc', 'false']).problems).toEqual([]);
  });

  it('takes an empty file and warns about unknown keys', () => {
    expect(load(['--config', 'f'], {}, '').problems).toEqual([]);
    expect(load(['--config', 'f'], {}, 'htp_port: 1').warnings).toEqual([
      'unknown key htp_port of the configuration file is passed over',
    ]);
  });
});
