import { errorAnswer, ServiceError } from '../../../src/errors.js';
import type { InferRequest, Predictor, StreamedInferResponse } from '../../../src/predictor/predictor.js';
import { type AnyTensor, float32Tensor, TYPED_ARRAYS } from '../../../src/tensor.js';
import { createPassthrough } from '../../../src/transformers/passthrough/index.js';
import type { RequestTransformer } from '../../../src/transformers/transformer.js';
import { DATATYPES, FAKE_PLATFORM } from '../../helpers/fake-models.js';
import { SERVED_BY } from '../../helpers/fake-triton.js';
import { V1_READY, V1Answer } from '../../helpers/fake-v1-server.js';
import { requestContext } from '../../helpers/request-context.js';
import { serviceErrorOf } from '../../helpers/service-error-of.js';
import { startEmbedded } from '../../predictor/embedded/embedded-setup.js';
import { PROTOCOLS, startTriton } from '../../predictor/triton/triton-setup.js';
import { startV1 } from '../../predictor/v1/v1-setup.js';

const row = float32Tensor([1, 4], Float32Array.of(1, 2, 3, 4));
const inputs: InferRequest['inputs'] = new Map([['input', row]]);

/** What clients ask for: the service's own name of the model. */
const request: InferRequest = { model: 'my-model', inputs };

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

const passTo = (predictor: Predictor, model: string | undefined = 'identity') =>
  createPassthrough({ predictor, modelName: 'my-model', predictorModelName: model });

async function toTriton(protocol: (typeof PROTOCOLS)[number], model?: string, options = {}) {
  const { fake, predictor, stop } = await startTriton(protocol, options);
  stops.push(stop);
  return { fake, transformer: passTo(predictor, model) };
}

async function toEmbedded(model?: string) {
  const predictor = await startEmbedded();
  stops.push(() => predictor.close());
  return passTo(predictor, model);
}

async function toV1(model: string) {
  const { fake, predictor, stop } = await startV1();
  stops.push(stop);
  return { fake, transformer: passTo(predictor, model) };
}

/** What a client is told of the error with which a promise rejects. */
const toldOf = async (promise: Promise<unknown>) => errorAnswer(await serviceErrorOf(promise), 'r-1');

/** Six elements, every bit pattern of which comes back. */
function tensorOf(datatype: AnyTensor['datatype'], elementBytes: number): AnyTensor {
  const shape = [2, 3];
  if (datatype === 'BYTES') {
    const data = ['', 'größe', '\0', 'x'.repeat(300)].map((text) => Buffer.from(text));
    return { datatype, shape, data: [...data, Buffer.from([0xff, 0xd8]), Buffer.alloc(0)] };
  }
  const bytes = Uint8Array.from({ length: 6 * elementBytes }, (_, index) =>
    datatype === 'BOOL' ? index % 2 : 255 - index,
  );
  return { datatype, shape, data: new TYPED_ARRAYS[datatype](bytes.buffer) } as AnyTensor;
}

const bytesOf = ({ data }: AnyTensor) =>
  'buffer' in data
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.concat(data.map((element) => Buffer.concat([element, Buffer.from('|')])));

describe.each(PROTOCOLS)('createPassthrough() to a Triton over %s', (protocol) => {
  it('hands on names, version, id, outputs and parameters, and the answer back', async () => {
    const answerParameters = { sequence_id: 7, note: 'warm' };
    const { fake, transformer } = await toTriton(protocol, 'two_outputs', { answerParameters });
    const response = await transformer.infer(
      {
        ...request,
        version: '1',
        id: 'r-7',
        outputs: ['product', { name: 'sum', classification: 3 }],
        parameters: { tenant: 'north', sequence_id: 7, sequence_start: true, timeout: 2500 },
      },
      requestContext(),
    );
    expect([...response.outputs.keys()]).toEqual(['product', 'sum']);
    expect(response).toMatchObject({ version: '1', parameters: answerParameters });
    expect(fake.seen).toMatchObject([
      { model: 'two_outputs', version: '1', id: 'r-7', wanted: ['product', 'sum'], inputs: [{ name: 'input' }] },
    ]);
    const parameters = Object.entries(fake.seen[0]?.parameters ?? {}).map(
      ([name, value]) => `${name}=${String(value)}`,
    );
    expect(parameters.sort()).toEqual([
      'sequence_end=false',
      'sequence_id=7',
      'sequence_start=true',
      'tenant=north',
      'timeout=2500',
    ]);
    expect(String(fake.seen[0]?.outputParameters[1]?.['classification'])).toBe('3');
  });

  it.each(DATATYPES)('hands on %s bit by bit, and back', async (datatype, elementBytes) => {
    const { fake, transformer } = await toTriton(protocol, `echo_${datatype}`);
    const sent = tensorOf(datatype, elementBytes);
    const { outputs } = await transformer.infer({ ...request, inputs: new Map([['input', sent]]) }, requestContext());
    const received = outputs.get('output');
    expect(received).toMatchObject({ datatype, shape: [2, 3] });
    expect(received && bytesOf(received)).toEqual(bytesOf(sent));
    expect(fake.seen[0]?.inputs).toMatchObject([{ name: 'input', datatype, shape: [2, 3] }]);
  });

  it('asks for the model that is named like the service where no other name is given', async () => {
    const { predictor, fake, stop } = await startTriton(protocol);
    stops.push(stop);
    const transformer = createPassthrough({ predictor, modelName: 'identity', predictorModelName: undefined });
    await transformer.infer(request, requestContext());
    expect(fake.seen[0]?.model).toBe('identity');
  });

  it('sends the headers of the call, and tells those of the answer', async () => {
    const { fake, transformer } = await toTriton(protocol);
    const told: (string | undefined)[] = [];
    const { signal } = new AbortController();
    const call = {
      signal,
      headers: { 'x-request-id': 'r-1' },
      onResponseHeaders: (headers: ReadonlyMap<string, string>) => void told.push(headers.get(SERVED_BY.name)),
    };
    await transformer.infer(request, requestContext({ call }));
    expect(fake.seen[0]?.headers).toMatchObject({ 'x-request-id': 'r-1' });
    expect(told).toEqual([SERVED_BY.value]);
  });

  it.each([
    ['failing', 500, 13, 'the model said no'],
    ['overloaded', 503, 14, 'Exceeds maximum queue size'],
    ['nobody', 404, 5, "Request for unknown model: 'nobody' is not found"],
    ['loading', 400, 3, "Request for unknown model: 'loading' has no available versions"],
    ['tracing', 500, 13, 'ValueError: no face in /tmp/1.jpg\n\nAt:\n  /mnt/models/tracing/1/model.py(41): execute\n'],
  ])('has clients get the status and the words of %s', async (model, httpStatus, grpcStatus, message) => {
    const { transformer } = await toTriton(protocol, model);
    const told = await toldOf(transformer.infer(request, requestContext()));
    expect(told).toEqual({ httpStatus, grpcStatus, message });
  });

  it("has clients get the predictor's refusal of a request", async () => {
    const { transformer } = await toTriton(protocol);
    const wide = new Map([['input', float32Tensor([1, 5], new Float32Array(5))]]);
    expect(await toldOf(transformer.infer({ ...request, inputs: wide }, requestContext()))).toEqual({
      httpStatus: 400,
      grpcStatus: 3,
      message: "unexpected shape for input 'input' for model 'identity'. Expected [-1,4], got [1,5]",
    });
  });

  it.each([
    [{ parameters: { triton_secret: 1 } }, 'parameters: the name "triton_secret" is reserved by Triton'],
    [{ parameters: { priority: 'high' } }, 'parameters.priority must be an unsigned 64-bit integer; received "high"'],
  ])('refuses %o itself', async (wrong, message) => {
    const { fake, transformer } = await toTriton(protocol);
    expect(await toldOf(transformer.infer({ ...request, ...wrong }, requestContext()))).toEqual({
      httpStatus: 400,
      grpcStatus: 3,
      message,
    });
    expect(fake.seen).toEqual([]);
  });

  it('says of what the predictor did not say that it is unavailable, or no valid answer', async () => {
    const { fake, transformer } = await toTriton(protocol, 'liar_bytes');
    expect(await toldOf(transformer.infer(request, requestContext()))).toEqual({
      httpStatus: 502,
      grpcStatus: 13,
      message:
        "The predictor's answer for model liar_bytes is not valid: output output has 12 bytes, but FP32 of shape [1,4] takes 16",
    });
    await fake.crash();
    const told = await toldOf(transformer.infer(request, requestContext()));
    expect(told).toMatchObject({ httpStatus: 503, grpcStatus: 14 });
    expect(told.message).toMatch(/^The predictor (?:cannot be reached|went away while it worked on the call)$/);
  });

  it('ends with the reason of its signal', async () => {
    const { fake, transformer } = await toTriton(protocol, 'slow');
    const controller = new AbortController();
    const { signal } = controller;
    const answer = serviceErrorOf(transformer.infer(request, requestContext({ signal, call: { signal } })));
    await fake.slow.holds(1);
    const reason = new ServiceError('deadline_exceeded', 'The request took too long');
    controller.abort(reason);
    expect(await answer).toBe(reason);
  });

  it("gives the predictor's metadata, of a version too", async () => {
    const { transformer } = await toTriton(protocol);
    const info = {
      name: 'identity',
      inputs: [{ name: 'input', datatype: 'FP32', shape: [-1, 4] }],
      outputs: [{ name: 'output', datatype: 'FP32', shape: [-1, 4] }],
      maxBatchSize: 8,
      versions: ['1'],
      platform: FAKE_PLATFORM,
    };
    expect(await transformer.metadata(undefined, requestContext())).toEqual(info);
    expect(await transformer.metadata('1', requestContext())).toEqual(info);
    expect(await toldOf(transformer.metadata('9', requestContext()))).toEqual({
      httpStatus: 404,
      grpcStatus: 5,
      message: "Request for unknown model: 'identity' version 9 is not found",
    });
  });

  it('says whether a version is ready, and that there is none', async () => {
    const { fake, transformer } = await toTriton(protocol);
    expect(await transformer.isVersionReady('1', requestContext())).toBe(true);
    expect((await toldOf(transformer.isVersionReady('9', requestContext()))).httpStatus).toBe(404);
    const [, identity] = [...fake.models].find(([name]) => name === 'identity') ?? [];
    if (identity !== undefined) fake.models.set('identity', { ...identity, isReady: false });
    expect(await transformer.isVersionReady('1', requestContext())).toBe(false);
  });

  it.each([
    ['identity', []],
    ['loading', ['loading']],
    ['nobody', ['nobody']],
  ])('says of %s which models are missing', async (model, missing) => {
    const { transformer } = await toTriton(protocol, model);
    expect(await transformer.missingModels(new AbortController().signal)).toEqual(missing);
  });

  it('speaks no V1, and streams over gRPC alone', async () => {
    const { transformer } = await toTriton(protocol);
    expect(transformer.predictV1).toBeUndefined();
    expect(transformer.explainV1).toBeUndefined();
    expect(transformer.inferStream !== undefined).toBe(protocol === 'grpc');
  });
});

describe('createPassthrough() to the embedded predictor', () => {
  it('hands requests on and answers back', async () => {
    const transformer = await toEmbedded('two_outputs');
    const { outputs, version } = await transformer.infer(
      { ...request, version: '1', id: 'r-1', outputs: ['product'], parameters: { tenant: 'north' } },
      requestContext(),
    );
    expect(outputs).toEqual(new Map([['product', float32Tensor([1, 4], Float32Array.of(2, 4, 6, 8))]]));
    expect(version).toBe('1');
    expect(await transformer.metadata(undefined, requestContext())).toMatchObject({
      name: 'two_outputs',
      versions: ['1'],
      platform: 'onnxruntime_onnx',
    });
  });

  it.each<[string, Partial<InferRequest>, string, number, number, string]>([
    ['an unknown model', {}, 'nobody', 404, 5, "Request for unknown model: 'nobody' is not found"],
    [
      'an unknown version',
      { version: '9' },
      'identity',
      404,
      5,
      "Request for unknown model: 'identity' version 9 is not found",
    ],
    [
      'another shape',
      { inputs: new Map([['input', float32Tensor([1, 5], new Float32Array(5))]]) },
      'identity',
      400,
      3,
      "unexpected shape for input 'input' for model 'identity'. Expected [-1,4], got [1,5]",
    ],
    [
      'a classification',
      { outputs: [{ name: 'output', classification: 2 }] },
      'identity',
      501,
      12,
      "the embedded runtime has no classification extension: classification of output 'output' for model 'identity'",
    ],
  ])(
    'has clients get the status and the words of Triton for %s',
    async (_, asked, model, httpStatus, grpcStatus, message) => {
      const transformer = await toEmbedded(model);
      const told = await toldOf(transformer.infer({ ...request, ...asked }, requestContext()));
      expect(told).toEqual({ httpStatus, grpcStatus, message });
    },
  );
});

describe('createPassthrough() to a server of V1', () => {
  it('hands bodies on and answers back, both as they are', async () => {
    const { fake, transformer } = await toV1('echo');
    const body = { instances: [{ text: 'a' }, [1, null]], caption: 'kept' };
    expect(await transformer.predictV1?.(body, requestContext())).toEqual({ predictions: body.instances });
    expect(await transformer.explainV1?.(body, requestContext())).toEqual({ explanations: body.instances });
    expect(fake.seen.map(({ request: asked }) => asked)).toEqual([
      'POST /v1/models/echo:predict',
      'POST /v1/models/echo:explain',
    ]);
    expect(JSON.parse(fake.seen[0]?.body ?? '')).toEqual(body);
  });

  it('makes rows of an inference request, and tensors of the answer', async () => {
    const { transformer } = await toV1('echo');
    const { outputs } = await transformer.infer({ ...request, outputs: ['scores'] }, requestContext());
    expect(outputs).toEqual(new Map([['scores', row]]));
  });

  it('has clients get the status and the words of the server', async () => {
    const { fake, transformer } = await toV1('teapot');
    fake.models.set('teapot', { state: V1_READY, predict: () => new V1Answer(418, { detail: 'short and stout' }) });
    const told = { httpStatus: 418, grpcStatus: 2, message: 'short and stout' };
    expect(await toldOf(transformer.predictV1?.({ instances: [] }, requestContext()) ?? Promise.resolve())).toEqual(
      told,
    );
    expect(await toldOf(transformer.infer(request, requestContext()))).toEqual(told);
  });

  it('says which models are missing', async () => {
    const { fake, transformer } = await toV1('late');
    const { signal } = new AbortController();
    expect(await transformer.missingModels(signal)).toEqual(['late']);
    fake.models.set('late', { state: V1_READY, predict: () => [] });
    expect(await transformer.missingModels(signal)).toEqual([]);
  });
});

describe('createPassthrough() to a predictor with streams and a repository', () => {
  const upstream = { status: 'UNKNOWN', text: 'no such model in /models' };
  const refusal = new ServiceError('upstream_error', 'The predictor answered with an error', { upstream });
  const response = { outputs: new Map() };

  const streaming = (calls: Partial<Predictor>): RequestTransformer => passTo({ address: 'x', ...calls } as Predictor);

  async function* requests() {
    yield await Promise.resolve({ ...request, id: 'a' });
    yield { ...request, id: 'b', parameters: { times: 2 } };
  }

  it('hands the requests of a stream on to its model, and its messages back', async () => {
    const asked: InferRequest[] = [];
    const context = requestContext();
    const { inferStream } = streaming({
      inferStream: async function* (given, options) {
        expect(options).toBe(context.call);
        for await (const one of given) {
          asked.push(one);
          yield one.id === 'a' ? { id: 'a', error: refusal } : { id: 'b', response };
        }
      },
    });
    const messages: StreamedInferResponse[] = [];
    for await (const message of inferStream?.(requests(), context) ?? []) messages.push(message);
    expect(asked).toEqual([
      { ...request, model: 'identity', id: 'a' },
      { ...request, model: 'identity', id: 'b', parameters: { times: 2 } },
    ]);
    expect(messages).toMatchObject([
      { id: 'a', error: { isForwarded: true, upstream } },
      { id: 'b', response },
    ]);
  });

  it('has clients get what the predictor says as it ends a stream', async () => {
    const { inferStream } = streaming({
      inferStream: async function* () {
        yield { id: 'a', response };
        throw await Promise.resolve(refusal);
      },
    });
    const read = async () => {
      for await (const { id } of inferStream?.(requests(), requestContext()) ?? []) expect(id).toBe('a');
    };
    expect(await toldOf(read())).toEqual({ httpStatus: 400, grpcStatus: 2, message: 'no such model in /models' });
  });

  it('has its model loaded and unloaded', async () => {
    const asked: unknown[] = [];
    const act = (name: string) => (given: object) => {
      asked.push([name, given]);
      return name === 'unload' ? Promise.reject(refusal) : Promise.resolve();
    };
    const repository = { index: () => Promise.resolve([]), load: act('load'), unload: act('unload') };
    const transformer = streaming({ repository });
    await transformer.repository?.load({ config: '{}' }, requestContext());
    const unloading = transformer.repository?.unload({ unload_dependents: true }, requestContext());
    expect((await toldOf(unloading ?? Promise.resolve())).message).toBe('no such model in /models');
    expect(asked).toEqual([
      ['load', { model: 'identity', parameters: { config: '{}' } }],
      ['unload', { model: 'identity', parameters: { unload_dependents: true } }],
    ]);
  });
});
