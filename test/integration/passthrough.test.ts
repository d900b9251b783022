import { errorAnswer } from '../../src/errors.js';
import { bytesOfTensor } from '../../src/oip/tensor-bytes.js';
import type { InferRequest, Predictor, StreamedInferResponse } from '../../src/predictor/predictor.js';
import { parseClassification } from '../../src/predictor/triton/tensors/classification.js';
import { createTensor } from '../../src/predictor/triton/tensors/create-tensor.js';
import { toNumbers, toStrings } from '../../src/predictor/triton/tensors/read-tensor.js';
import type { AnyTensor } from '../../src/tensor.js';
import { createPassthrough } from '../../src/transformers/passthrough/index.js';
import { requestContext } from '../helpers/request-context.js';
import { serviceErrorOf } from '../helpers/service-error-of.js';
import { SAMPLES } from './datatype-samples.js';
import { type OwnTriton, startOwnTriton, tritonPredictor } from './real-triton.js';

const PROTOCOLS = ['http', 'grpc'] as const;

/** One batch of each datatype. */
const EVERY_KIND = SAMPLES.filter(({ what }) => what.endsWith('every kind')).map(({ tensor }) => tensor);

const passTo = (predictor: Predictor, model: string) =>
  createPassthrough({ predictor, modelName: 'served', predictorModelName: model });

/** A request as clients send it, under the name that is served. */
const ask = (inputs: Record<string, AnyTensor>, rest: Partial<InferRequest> = {}): InferRequest => {
  return { model: 'served', inputs: new Map(Object.entries(inputs)), ...rest };
};

const SCORES = { SCORES_IN: createTensor('FP32', [1, 3], [0.5, 3, -1]) };

const toldOf = async (promise: Promise<unknown>) => errorAnswer(await serviceErrorOf(promise), 'r-1');

describe.each(PROTOCOLS)('passthrough to a real Triton over %s', (protocol) => {
  let predictor: Predictor;
  beforeAll(async () => {
    predictor = await tritonPredictor(protocol);
  });
  afterAll(() => predictor.close());

  const infer = (model: string, request: InferRequest) => passTo(predictor, model).infer(request, requestContext());

  it.each(EVERY_KIND.map((tensor) => [tensor.datatype, tensor] as const))(
    'brings %s there and back bit for bit',
    async (datatype, tensor) => {
      const { outputs, version } = await infer('every_datatype', ask({ [`${datatype}_IN`]: tensor }));
      const received = outputs.get(`${datatype}_OUT`);
      expect(received?.shape).toEqual(tensor.shape);
      expect(received && Buffer.from(bytesOfTensor(received))).toEqual(Buffer.from(bytesOfTensor(tensor)));
      expect(version).toBe('1');
    },
  );

  it('hands on the id and the parameters, those that Triton understands among them', async () => {
    const request = ask(SCORES, {
      version: '1',
      id: 'r-7',
      outputs: ['REQUEST'],
      parameters: { tenant: 'north', rate: 0.25, count: 2n ** 60n, priority: 1, timeout: 2007n },
    });
    const { outputs } = await infer('request_extensions', request);
    const [text = ''] = toStrings(given(outputs.get('REQUEST')));
    expect(JSON.parse(text)).toMatchObject({ id: 'r-7', timeout: 2007 });
    expect(text).toContain('"tenant": "north"');
    expect(text).toContain('"rate": 0.25');
    expect(text).toContain('"count": 1152921504606846976');
  });

  it('hands on a classification', async () => {
    const outputs = [{ name: 'SCORES_OUT', classification: 1 }];
    const response = await infer('request_extensions', ask(SCORES, { outputs }));
    expect(parseClassification(given(response.outputs.get('SCORES_OUT')))).toEqual([
      [{ value: 3, index: 1, label: 'time 12:30:00' }],
    ]);
  });

  it.each([
    ['a number', 4711],
    ['a bigint', 2n ** 64n - 2n],
    ['the int64 that gRPC makes of such an id', -7],
    ['a text', `passed over ${protocol}`],
  ])('keeps the requests of a sequence together by %s', async (_, id) => {
    const add = async (summand: number, parameters: Record<string, boolean>) => {
      const inputs = { INPUT0: createTensor('INT64', [1, 1], [summand]) };
      const request = ask(inputs, { parameters: { sequence_id: id, ...parameters } });
      return toNumbers(given((await infer('sequence_sum', request)).outputs.get('SUM')))[0];
    };
    expect(await add(1, { sequence_start: true })).toBe(1);
    expect(await add(20, {})).toBe(21);
    expect(await add(300, { sequence_end: true })).toBe(321);
  });

  it.each<[string, string, InferRequest, number, number, string]>([
    ['an unknown model', 'nobody', ask(SCORES), 404, 5, "Request for unknown model: 'nobody' is not found"],
    [
      'an unknown version',
      'request_extensions',
      ask(SCORES, { version: '7' }),
      404,
      5,
      "'request_extensions' version 7 is not found",
    ],
    ['an unknown input', 'copy', ask({ nobody: createTensor('FP32', [1], [1]) }), 400, 3, 'nobody'],
    ['an unknown output', 'request_extensions', ask(SCORES, { outputs: ['nobody'] }), 400, 3, 'nobody'],
    ['a request without its sequence', 'sequence_sum', ask({ INPUT0: createTensor('INT64', [1, 1], [1]) }), 400, 3, ''],
  ])('has clients get the status and the words of Triton for %s', async (...args) => {
    const [, model, request, httpStatus, grpcStatus, words] = args;
    const told = await toldOf(infer(model, request));
    expect(told).toMatchObject({ httpStatus, grpcStatus });
    expect(told.message).toContain(words);
    expect(told.message).not.toMatch(/^The predictor/);
  });

  it("gives Triton's metadata, and knows which versions are ready", async () => {
    const transformer = passTo(predictor, 'identity');
    expect(await transformer.metadata(undefined, requestContext())).toMatchObject({
      name: 'identity',
      versions: ['1'],
      platform: 'python',
      maxBatchSize: 8,
    });
    expect(await transformer.isVersionReady('1', requestContext())).toBe(true);
    expect((await toldOf(transformer.isVersionReady('7', requestContext()))).httpStatus).toBe(404);
    expect(await transformer.missingModels(new AbortController().signal)).toEqual([]);
  });

  it("tells the headers of Triton's answers", async () => {
    const told: string[] = [];
    const context = requestContext();
    const onResponseHeaders = (headers: ReadonlyMap<string, string>) => void told.push(...headers.keys());
    const call = { ...context.call, onResponseHeaders };
    await passTo(predictor, 'request_extensions').infer(ask(SCORES), { ...context, call });
    expect(told).toContain('content-type');
  });
});

describe('passthrough of streams to a real Triton', () => {
  let predictor: Predictor;
  beforeAll(async () => {
    predictor = await tritonPredictor('grpc');
  });
  afterAll(() => predictor.close());

  const repeat = (id: string | undefined, parameters: InferRequest['parameters'] = {}) =>
    ask({ text_input: createTensor('BYTES', [1], [id ?? 'none']) }, { ...(id !== undefined && { id }), parameters });

  const answersTo = async (...requests: InferRequest[]) => {
    const messages: StreamedInferResponse[] = [];
    const stream = passTo(predictor, 'repeat').inferStream?.(from(requests), requestContext());
    for await (const message of stream ?? []) messages.push(message);
    return messages;
  };

  /** A message as its id, the index that it holds, and whether it is its request's last. */
  const facts = ({ id, response }: StreamedInferResponse) => {
    const index = response?.outputs.get('index');
    return [id, index && toNumbers(index)[0], response?.parameters?.['triton_final_response']];
  };

  it('gives the answers of a decoupled model, and an empty last one only where it is asked for', async () => {
    expect((await answersTo(repeat('a', { times: 2 }))).map(facts)).toEqual([
      ['a', 0, false],
      ['a', 1, false],
    ]);
    const parameters = { times: 1, triton_enable_empty_final_response: true };
    expect((await answersTo(repeat('b', parameters))).map(facts)).toEqual([
      ['b', 0, false],
      ['b', undefined, true],
    ]);
    expect((await answersTo(repeat('c', { times: 1, final_with_last: true }))).map(facts)).toEqual([['c', 0, true]]);
  });

  it('tells requests without an id apart from others', async () => {
    const messages = await answersTo(repeat(undefined, { times: 2 }), repeat('x', { times: 1 }));
    expect(messages.map(({ id }) => id).sort()).toEqual(['', '', 'x']);
  });

  it("gives one request's error as a message in Triton's words", async () => {
    const messages = await answersTo(repeat('bad', { times: 2, fail_at: 1 }), repeat('good', { times: 1 }));
    const bad = messages.find(({ error }) => error !== undefined);
    expect(bad).toMatchObject({ id: 'bad', error: { isForwarded: true } });
    expect((await toldOf(Promise.reject(given(bad?.error)))).message).toContain('failed at 1');
    expect(messages.filter(({ id }) => id === 'good').map(facts)).toEqual([['good', 0, false]]);
  });
});

describe.each(PROTOCOLS)('passthrough of loading to a real Triton over %s', (protocol) => {
  let triton: OwnTriton;
  let predictor: Predictor;
  beforeAll(async () => {
    const args = ['--model-control-mode=explicit', '--load-model=request_extensions'];
    triton = await startOwnTriton({ from: ['test/fixtures/triton-models'], args });
    predictor = await tritonPredictor(protocol, triton.address(protocol));
  });
  afterAll(async () => {
    await predictor.close();
    await triton.close();
  });

  it('has a model unloaded, and loaded with a configuration of its own', async () => {
    const transformer = passTo(predictor, 'request_extensions');
    const { signal } = new AbortController();
    await transformer.repository?.unload({}, requestContext());
    // A Triton that has lost a model does not call itself ready either.
    await expect(transformer.missingModels(signal)).rejects.toThrow(
      'has not ready: request_extensions; it is not ready',
    );
    const config = {
      backend: 'python',
      max_batch_size: 2,
      input: [{ name: 'SCORES_IN', data_type: 'TYPE_FP32', dims: [3] }],
      output: [{ name: 'SCORES_OUT', data_type: 'TYPE_FP32', dims: [3] }],
    };
    await transformer.repository?.load({ config: JSON.stringify(config) }, requestContext());
    expect(await transformer.missingModels(signal)).toEqual([]);
    expect((await transformer.metadata(undefined, requestContext())).maxBatchSize).toBe(2);
    const index = await predictor.repository?.index({ ready: true });
    expect(index?.map(({ name }) => name)).toContain('request_extensions');
  });

  it('has clients get the words of Triton for a model that cannot be loaded', async () => {
    const load = passTo(predictor, 'nobody').repository?.load({}, requestContext());
    const told = await toldOf(load ?? Promise.resolve());
    expect(told.httpStatus).toBeGreaterThanOrEqual(400);
    expect(told.message).toContain("failed to load 'nobody'");
  });
});

function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is missing');
  return value;
}

async function* from<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
