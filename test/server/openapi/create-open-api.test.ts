import * as z from 'zod';
import {
  describeApi,
  describedWords,
  operationsOf,
  resolveAnswer,
  shownJson,
  validatorOf,
  WORDS_API,
} from '../../helpers/described-models.js';
import type { AnswerObject, Content } from '../../../src/server/openapi/open-api-document.js';

const words = describedWords({ api: WORDS_API });
const passthrough = { kind: 'requests', name: 'pass' } as const;
const document = describeApi([words, passthrough]);
const operations = operationsOf(document);

/** Every value under a key, wherever it stands. */
function valuesOf(key: string, node: unknown): unknown[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) => [
    ...(name === key ? [value as unknown] : []),
    ...valuesOf(key, value),
  ]);
}

function at(pointer: string, node: unknown): unknown {
  const keys = pointer.split('/').slice(1);
  return keys.reduce((inner: unknown, key) => (inner as Record<string, unknown> | undefined)?.[key], node);
}

function operation(path: string, method: 'get' | 'post', of = document) {
  const found = of.paths[path]?.[method];
  if (found === undefined) throw new Error(`nothing is said of ${method} ${path}`);
  return found;
}

describe('createOpenApi()', () => {
  it('says which OpenAPI it is and what the service is called', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toMatchObject({ title: 'kserve-transformer', version: '1.2.3' });
    expect(document.info['description']).toContain('1000 bytes after decompression, a request 4 items');
  });

  it('refers to nothing that is not there', () => {
    const references = valuesOf('$ref', document) as string[];
    expect(references.length).toBeGreaterThan(100);
    expect(references.filter((reference) => at(reference, document) === undefined)).toEqual([]);
  });

  it('holds nothing that nothing refers to, but for the answers to other methods', () => {
    const references = new Set(valuesOf('$ref', document));
    const { schemas, responses, parameters, headers } = document.components;
    const unused = Object.entries({ schemas, responses, parameters, headers }).flatMap(([kind, components]) =>
      Object.keys(components)
        .filter((name) => !references.has(`#/components/${kind}/${name}`))
        .map((name) => `${kind}/${name}`),
    );
    expect(unused).toEqual(['responses/unauthenticated', 'responses/method_not_allowed']);
  });

  it('gives each operation a name of its own and a tag that is described', () => {
    const ids = operations.map(({ operation: { operationId } }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = document.tags.map(({ name }) => name);
    expect(tags).toEqual(['words', 'pass', 'health', 'server', 'repository']);
    expect(
      operations.filter(
        ({
          operation: {
            tags: [tag = ''],
          },
        }) => !tags.includes(tag),
      ),
    ).toEqual([]);
  });

  it('has paths of their own for each model, its name encoded', () => {
    const { paths } = describeApi([describedWords({ name: 'a b/c' })]);
    expect(Object.keys(paths).filter((path) => path.includes('a%20b%2Fc'))).toEqual([
      '/v1/models/a%20b%2Fc',
      '/v1/models/a%20b%2Fc:predict',
      '/v1/models/a%20b%2Fc:explain',
      '/v2/models/a%20b%2Fc',
      '/v2/models/a%20b%2Fc/ready',
      '/v2/models/a%20b%2Fc/infer',
      '/v2/models/a%20b%2Fc/versions/{version}',
      '/v2/models/a%20b%2Fc/versions/{version}/ready',
      '/v2/models/a%20b%2Fc/versions/{version}/infer',
      '/v2/repository/models/a%20b%2Fc/load',
      '/v2/repository/models/a%20b%2Fc/unload',
    ]);
  });

  it('says of every body what it is, and shows bodies that are such', () => {
    const contents = operations.flatMap(({ path, operation: { requestBody, responses } }) =>
      [
        requestBody?.content ?? {},
        ...Object.values(responses).map((answer) => resolveAnswer(answer, document)?.content ?? {}),
      ].map((content): [string, Content] => [path, content]),
    );
    let examples = 0;
    for (const [path, content] of contents) {
      for (const [type, { schema, examples: shown = {} }] of Object.entries(content)) {
        for (const [name, { value }] of Object.entries(shown)) {
          examples++;
          const problems = validatorOf(document, schema).safeParse(value).error?.issues;
          expect([path, type, name, problems]).toEqual([path, type, name, undefined]);
        }
      }
    }
    expect(examples).toBeGreaterThan(50);
  });

  it('shows for each request in V1 the answer to it', () => {
    const { requestBody, responses } = operation('/v1/models/words:predict', 'post');
    expect(shownJson(requestBody)).toEqual({
      multi_data: { multi_data: [{ data: { item: 'abc' } }] },
      data: { data: { item: 'abc' } },
      instances: { instances: ['abc'] },
      inputs: { id: 'example-1', inputs: [{ name: 'words', datatype: 'BYTES', shape: [1], data: ['abc'] }] },
    });
    expect(shownJson(resolveAnswer(responses['200'], document))).toEqual({
      multi_data: { multi_data: [{ data: [{ score: 1 }] }] },
      data: { multi_data: [{ data: [{ score: 1 }] }] },
      instances: { predictions: [3] },
      inputs: {
        model_name: 'words',
        model_version: '1',
        id: 'example-1',
        outputs: [
          { name: 'length', datatype: 'FP32', shape: [1], data: [3] },
          { name: 'response', datatype: 'BYTES', shape: [1], data: ['{"data":[{"score":1}]}'] },
        ],
      },
    });
  });

  it('shows an output of many values as a row', () => {
    const api = { ...WORDS_API, example: { ...WORDS_API.example, outputs: { length: [3, 0] } } };
    const rows = describeApi([describedWords({ api })]);
    const { responses } = operation('/v2/models/words/infer', 'post', rows);
    expect(shownJson(resolveAnswer(responses['200'], rows))).toMatchObject({
      inputs: { outputs: [{ name: 'length', shape: [1, 2], data: [3, 0] }, { name: 'response' }] },
    });
  });

  it('answers a single Request with a Response where the model is set so', () => {
    const bare = describeApi([describedWords({ api: WORDS_API, singleResponse: 'bare' })]);
    const answer = operation('/v1/models/words:predict', 'post', bare).responses['200'] as AnswerObject;
    const { schema, examples } = answer.content?.['application/json'] ?? { schema: {} };
    expect(examples?.['data']?.value).toEqual({ data: [{ score: 1 }] });
    expect(schema).toMatchObject({ anyOf: expect.arrayContaining([{ $ref: '#/components/schemas/Response' }]) });
  });

  it('says nothing of Requests to a model that speaks instances alone', () => {
    const { requestBody } = operation(
      '/v1/models/words:predict',
      'post',
      describeApi([describedWords({ instancesOnly: true })]),
    );
    expect(requestBody?.content['application/json']).toEqual({
      schema: { anyOf: [{ $ref: '#/components/schemas/AnyInstances' }, { $ref: '#/components/schemas/InferRequest' }] },
    });
  });

  it('takes each media type of a model’s items, and files', () => {
    expect(Object.keys(operation('/v1/models/words:predict', 'post').requestBody?.content ?? {})).toEqual([
      'application/json',
      'application/cloudevents+json',
      'text/x-word',
      'multipart/form-data',
      'application/octet-stream',
    ]);
  });

  it('describes the items of two models of one kind once', () => {
    const { components } = describeApi([words, describedWords({ name: 'more', api: WORDS_API })]);
    expect(Object.keys(components.schemas).filter((name) => name.startsWith('Words'))).toEqual([
      'WordsPredictions',
      'WordsExplanations',
      'WordsInstances',
    ]);
  });

  it('says with which tensors a model explains, and that of those that take a request it knows nothing', () => {
    const explained = { ...words, explainOutputs: [{ name: 'letters', datatype: 'FP64', shape: [-1, 2] } as const] };
    expect(operation('/v1/models/words:explain', 'post', describeApi([explained])).description).toBe(
      'A body of the Open Inference Protocol is answered with the outputs: `letters` FP64 [-1, 2].',
    );
    expect(operation('/v1/models/pass:explain', 'post')).not.toHaveProperty('description');
  });

  it('shows an item in the input that takes it as text, where others take it otherwise', () => {
    const numbers = { name: 'numbers', datatype: 'FP32', shape: [-1, 3] } as const;
    const { info } = words;
    const both = { ...words, info: { ...info, inputs: [...info.inputs, numbers] } };
    const { requestBody } = operation('/v2/models/words/infer', 'post', describeApi([both]));
    expect(shownJson(requestBody)).toEqual({
      inputs: { id: 'example-1', inputs: [{ name: 'words', datatype: 'BYTES', shape: [1], data: ['abc'] }] },
    });
  });

  it('leaves out what a model does not explain', () => {
    const silent = describedWords();
    const { explain, ...transformer } = silent.transformer;
    expect(explain).toBeDefined();
    expect(describeApi([{ ...silent, transformer }]).paths).not.toHaveProperty(['/v1/models/words:explain']);
  });

  it('expects any status of the predictor from a model that hands requests on', () => {
    for (const path of ['/v1/models/pass:predict', '/v2/models/pass/infer', '/v2/repository/models/pass/load']) {
      expect(Object.keys(operation(path, 'post').responses)).toEqual(expect.arrayContaining(['4XX', '5XX', '501']));
    }
    expect(Object.keys(operation('/v2/models/words/infer', 'post').responses)).not.toContain('4XX');
  });

  it('names the versions of a model of items, and takes any digits for others', () => {
    const version = (name: string) => operation(`/v2/models/${name}/versions/{version}`, 'get').parameters?.[0];
    expect(version('words')).toMatchObject({ name: 'version', in: 'path', required: true, schema: { enum: ['1'] } });
    expect(version('pass')).toMatchObject({ schema: { pattern: '^\\d+$' } });
  });

  it('asks for no token where none is needed', () => {
    expect(document.security).toEqual([]);
    expect(document.components).not.toHaveProperty('securitySchemes');
    expect(valuesOf('401', document)).toEqual([]);
  });

  it('asks for a token where one is needed, but not for probes and descriptions', () => {
    const secured = describeApi([words], { isTokenNeeded: true });
    expect(secured.security).toEqual([{ bearer: [] }]);
    expect(secured.components.securitySchemes).toEqual({ bearer: { type: 'http', scheme: 'bearer' } });
    const open = operationsOf(secured).filter(({ operation: { security } }) => security?.length === 0);
    expect(open.map(({ path }) => path).sort()).toEqual([
      '/',
      '/docs',
      '/metrics',
      '/openapi.json',
      '/v1/models/words',
      '/v2/health/live',
      '/v2/health/ready',
      '/v2/models/words/ready',
      '/v2/models/words/versions/{version}/ready',
    ]);
    const closed = operationsOf(secured).filter(({ operation: { security } }) => security === undefined);
    expect(closed.filter(({ operation: { responses } }) => !('401' in responses))).toEqual([]);
  });

  it('does not speak of a page that is switched off', () => {
    expect(describeApi([words], { hasDocsPage: false }).paths).not.toHaveProperty(['/docs']);
  });
});

describe('the schemas of the description', () => {
  const check = (name: string, value: unknown) =>
    validatorOf(document, { $ref: `#/components/schemas/${name}` }).safeParse(value).success;

  it.each([
    ['Request', { data: { item: 'abc' }, extra_info: null, more: 1 }],
    ['MultiRequest', { multi_data: [{ data: { item: 'abc' } }] }],
    ['WordsInstances', { instances: ['abc'] }],
    ['WordsPredictions', { predictions: [3, { error: { code: 'unprocessable', message: 'not a word' } }] }],
    ['WordsExplanations', { explanations: [{ letters: 3 }] }],
    ['InferRequest', { inputs: [{ name: 'a', shape: [2, 1], datatype: 'INT64', data: [[1], ['2']] }], outputs: null }],
    [
      'InferResponse',
      { model_name: 'a', id: '1', outputs: [{ name: 'b', shape: [1], datatype: 'FP32', data: [null] }] },
    ],
    ['Error', { error: 'no' }],
  ])('take a good %s', (name, value) => {
    expect(check(name, value)).toBe(true);
  });

  it.each([
    ['Request', { data: {} }],
    ['MultiRequest', { multi_data: {} }],
    ['WordsInstances', { instances: [1] }],
    ['WordsPredictions', { predictions: [-1] }],
    ['WordsExplanations', { explanations: [{ letters: 'three' }] }],
    ['InferRequest', { inputs: [{ name: 'a', shape: [2], datatype: 'INT65', data: [1, 2] }] }],
    ['InferRequest', { inputs: [{ name: 'a', shape: [2], datatype: 'INT64', data: 1 }] }],
    ['InferResponse', { model_name: 'a', id: '1', outputs: [{ name: 'b', shape: [1], datatype: 'FP32', data: [{}] }] }],
    ['Error', { error: 1 }],
  ])('refuse a bad %s: %j', (name, value) => {
    expect(check(name, value)).toBe(false);
  });

  it('have no bounds that only say what a number can hold', () => {
    expect(JSON.stringify(document)).not.toContain(String(Number.MAX_SAFE_INTEGER));
  });

  it('cannot be made from what JSON Schema has no words for', () => {
    const withPrediction = (prediction: z.ZodType) => () =>
      describeApi([describedWords({ api: { ...WORDS_API, prediction } })]);
    expect(withPrediction(z.date())).toThrow('Date cannot be represented in JSON Schema');
    expect(withPrediction(z.custom(() => true))).toThrow('Custom types cannot be represented in JSON Schema');
  });
});
