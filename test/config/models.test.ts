import * as z from 'zod';
import { choice } from '../../src/config/fields.js';
import { loadConfig } from '../../src/config/load-config.js';

const transformers = {
  facequality: z.object({ facequality_chain: choice(['auto', 'full', 'simple']).default('auto') }),
  mnist: z.object({ mnist_invert: choice(['auto', 'no']).default('auto') }),
};

function load(file: string, argv: string[] = [], env: NodeJS.ProcessEnv = {}) {
  return loadConfig({ argv: ['--config', 'service.yaml', ...argv], env, readFile: () => file, transformers });
}

describe('models of the configuration file', () => {
  it('are served side by side, each with options of its own', () => {
    const { models, warnings, problems } = load(`
predictor_host: triton:8001
models:
  - model_name: faces
    transformer: facequality
    facequality-chain: full
    item_errors: fail
    single_response: bare
    ready_models: [face_detect, face_pose]
  - model_name: mnist
    predictor_host: torch:8080
    predictor_protocol: v1
    predictor_model_name: digits
    predictor_use_ssl: yes
    predictor_request_timeout_seconds: 2.5
    predictor_request_retries: 2
    max_batch_delay_ms: 5
    ready_models: none
`);
    expect({ warnings, problems }).toEqual({ warnings: [], problems: [] });
    expect(models).toEqual([
      {
        name: 'faces',
        transformer: 'facequality',
        options: { facequality_chain: 'full' },
        predictor: {
          host: 'triton:8001',
          protocol: undefined,
          useSsl: false,
          modelName: undefined,
          requestTimeoutMs: 30_000,
          retries: 0,
          maxBatchDelayMs: 0,
        },
        readyModels: ['face_detect', 'face_pose'],
        itemErrors: 'fail',
        singleResponse: 'bare',
        resize: 'exact',
      },
      {
        name: 'mnist',
        transformer: 'mnist',
        options: { mnist_invert: 'auto' },
        predictor: {
          host: 'torch:8080',
          protocol: 'v1',
          useSsl: true,
          modelName: 'digits',
          requestTimeoutMs: 2500,
          retries: 2,
          maxBatchDelayMs: 5,
        },
        readyModels: 'none',
        itemErrors: 'keep',
        singleResponse: 'multi',
        resize: 'exact',
      },
    ]);
    for (const part of [models, models[1], models[1]?.options, models[1]?.predictor])
      expect(Object.isFrozen(part)).toBe(true);
  });

  it('take what they leave out from flags, environment and file, in this order', () => {
    const file = `
predictor_host: from-file
item_errors: fail
mnist_invert: "no"
models: [{ model_name: mnist }, { model_name: own, transformer: mnist, predictor_host: own, mnist_invert: auto }]
`;
    const { models } = load(file, ['--predictor_host', 'from-flag'], {
      PREDICTOR_HOST: 'from-env',
      ITEM_ERRORS: 'keep',
    });
    expect(models).toMatchObject([
      { name: 'mnist', predictor: { host: 'from-flag' }, itemErrors: 'keep', options: { mnist_invert: 'no' } },
      { name: 'own', predictor: { host: 'own' }, itemErrors: 'keep', options: { mnist_invert: 'auto' } },
    ]);
  });

  it('take the transformer that is given for all', () => {
    const { models } = load('models: [{ model_name: a }, { model_name: b }]', ['--transformer', 'mnist']);
    expect(models.map(({ transformer }) => transformer)).toEqual(['mnist', 'mnist']);
  });

  const two = 'models: [{ model_name: facequality }, { model_name: mnist }]';

  it("do not mind the name that KServe's controller gives, be it one of theirs or not", () => {
    const named = load(two, ['--model_name', 'mnist', '--predictor_host', 'p.ns', '--http_port', '8080']);
    expect(named).toMatchObject({ problems: [], warnings: [], models: [{ name: 'facequality' }, { name: 'mnist' }] });
    const other = load(two, ['--model_name', 'my-service']);
    expect(other).toMatchObject({ problems: [], models: [{ name: 'facequality' }, { name: 'mnist' }] });
    expect(other.warnings).toEqual([
      '--model_name "my-service" is passed over: the configuration file\'s models are facequality, mnist',
    ]);
  });

  it('warn about keys that none of their options has, or only another transformer or the process', () => {
    const { warnings, problems } = load(`
models:
  - { model_name: mnist, predictor_hots: x, facequality_chain: full, http_port: 1, mnist_invert: auto, workers: 4 }
`);
    expect(problems).toEqual([]);
    expect(warnings).toEqual(
      ['predictor_hots', 'facequality_chain', 'http_port', 'workers'].map(
        (key) => `key models[0].${key} of the configuration file is passed over: a served model has no such option`,
      ),
    );
  });

  it('report all their problems at once, each with its place', () => {
    const { config, models, problems } = load(
      `
item_errors: both
models:
  - { model_name: facequality, predictor_request_retries: 9, predictor_host: 5 }
  - { model_name: facequality, facequality_chain: half }
  - { model_name: mine }
  - { model_name: other, transformer: nothing }
  - { transformer: mnist }
  - just text
`,
      ['--http_port', 'x'],
    );
    expect(config).toBeUndefined();
    expect(models).toEqual([]);
    const ofFile = 'of the configuration file';
    expect(problems).toEqual([
      `key models[5] ${ofFile} expects keys and values, received "just text"`,
      '--http_port expects a whole number from 0 to 65535, received "x"',
      `key item_errors ${ofFile} expects one of keep, fail, received "both"`,
      `key models[0].predictor_host ${ofFile} expects host, host:port, http(s)://…, grpc(s)://…, or embedded, received 5`,
      `key models[0].predictor_request_retries ${ofFile} expects a whole number from 0 to 4, received 9`,
      `key models[1].facequality_chain ${ofFile} expects one of auto, full, simple, received "half"`,
      `key models[2].model_name ${ofFile} "mine" is not the name of a transformer: say which one to run by --transformer, or the key transformer (facequality, mnist)`,
      `key models[3].transformer ${ofFile}: there is no transformer "nothing"; the names are facequality, mnist`,
      `key models[4].model_name ${ofFile} is missing`,
      `key models[1].model_name ${ofFile} "facequality" is the name of models[0], too`,
    ]);
  });

  it('report a wrong value that is given for all of them once', () => {
    expect(load(two, ['--facequality_chain', 'half', '--single_response', 'x']).problems).toEqual([
      '--single_response expects one of multi, bare, received "x"',
      '--facequality_chain expects one of auto, full, simple, received "half"',
    ]);
  });

  it.each([
    ['models: []', 'received []'],
    ['models:', 'received null'],
    ['models: { model_name: mnist }', 'received {"model_name":"mnist"}'],
    ['models: mnist', 'received "mnist"'],
  ])('refuse %j', (file, received) => {
    expect(load(file).problems).toEqual([
      `key models of the configuration file expects a list of one model or more, ${received}`,
    ]);
  });
});
