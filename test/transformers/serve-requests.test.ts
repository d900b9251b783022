import { getEventListeners } from 'node:events';
import { createLimiter } from '../../src/concurrency/limiter.js';
import { createLoopTurns } from '../../src/concurrency/loop-turns.js';
import { ServiceError } from '../../src/errors.js';
import { NO_SPAN, type Span } from '../../src/observability/span.js';
import type { InferRequest, StreamedInferResponse } from '../../src/predictor/predictor.js';
import { serveRequests } from '../../src/transformers/serve-requests.js';
import type { CallMetrics, ServedCall } from '../../src/transformers/served-call.js';
import type { RequestContext, RequestTransformer } from '../../src/transformers/transformer.js';
import { serviceErrorOf } from '../helpers/service-error-of.js';
import { createWaitingRoom } from '../helpers/waiting-room.js';

const request: InferRequest = { model: 'served', inputs: new Map() };
const response = { outputs: new Map(), version: '1' };
const info = { name: 'upstream', inputs: [], outputs: [], maxBatchSize: 0, versions: ['1'], platform: 'p' };
const failure = new ServiceError('upstream_error', 'the predictor said no');

/** A transformer of literals; what else a test needs it gives itself. */
function transformerOf(calls: Partial<RequestTransformer> = {}): RequestTransformer {
  return {
    infer: () => Promise.resolve(response),
    metadata: () => Promise.resolve(info),
    isVersionReady: () => Promise.resolve(true),
    missingModels: () => Promise.resolve([]),
    ...calls,
  };
}

/** A served model of which so many calls are admitted at once, and none may wait. */
function served(
  calls: Partial<RequestTransformer> = {},
  { capacity = 1, requestTimeoutMs = 10_000 }: { capacity?: number; requestTimeoutMs?: number } = {},
) {
  const observed: string[] = [];
  const metrics: CallMetrics = {
    observeKServeStage: (name, stage) => void observed.push(`kserve ${name} ${stage}`),
    observeStage: ({ modelName, stage }) => void observed.push(`${modelName} ${stage}`),
    observeModel: ({ modelName, model }) => void observed.push(`${modelName} model ${model}`),
    countFound: () => undefined,
  };
  const model = serveRequests({
    name: 'served',
    transformer: transformerOf(calls),
    limits: {
      admission: createLimiter({ capacity, maxQueue: 0, what: 'requests' }),
      turns: createLoopTurns({ budgetMs: 10 }),
      requestTimeoutMs,
    },
    metrics,
    readiness: { check: () => Promise.resolve({ ready: true, reason: '' }), watch: () => () => undefined },
  });
  return { model, observed };
}

function aCall(changes: Partial<ServedCall> = {}): ServedCall {
  const { signal } = new AbortController();
  const headers = { 'x-request-id': 'r-1' };
  return { requestId: 'r-1', headers, signal, span: NO_SPAN, times: new Map(), ...changes };
}

/** A span that writes down the names of its children and what they end with. */
function recordingSpan(ends: unknown[]): Span {
  return {
    ...NO_SPAN,
    child: (name) => ({ ...NO_SPAN, end: (error) => void ends.push([name, error]) }),
  };
}

describe('infer()', () => {
  it('hands the request on with what the predictor’s call is to carry, and times it as predict', async () => {
    const given: [InferRequest, RequestContext][] = [];
    const { model, observed } = served({
      infer: (asked, context) => {
        given.push([asked, context]);
        return Promise.resolve(response);
      },
    });
    const onResponseHeaders = () => undefined;
    const spans: unknown[] = [];
    const call = aCall({ onResponseHeaders, span: recordingSpan(spans) });
    expect(await model.infer(request, call)).toBe(response);
    expect(given[0]?.[0]).toBe(request);
    expect(given[0]?.[1]).toMatchObject({ requestId: 'r-1', call: { headers: call.headers, onResponseHeaders } });
    expect(given[0]?.[1].call.span).toBe(given[0]?.[1].span);
    expect(spans).toEqual([['predict', undefined]]);
    expect([...call.times.keys()]).toEqual(['queue', 'predict']);
    expect(observed).toEqual(['kserve served predict', 'served queue', 'served predict']);
  });

  it('refuses a call for which there is no room, and gives its room back', async () => {
    const room = createWaitingRoom();
    const { model } = served({ infer: () => room.enter().then(() => response) });
    const first = model.infer(request, aCall());
    await room.holds(1);
    expect(await serviceErrorOf(model.infer(request, aCall()))).toMatchObject({ code: 'resource_exhausted' });
    room.release();
    await first;
    const second = model.infer(request, aCall());
    await room.holds(1);
    room.release();
    expect(await second).toBe(response);
  });

  it.each([
    ["the service's limit", { requestTimeoutMs: 20 }, {}],
    ["the client's limit", {}, { timeoutMs: 20 }],
  ])('ends at %s, and aborts the signal', async (_, settings, changes) => {
    const signals: AbortSignal[] = [];
    const infer: RequestTransformer['infer'] = (_request, { signal }) => {
      signals.push(signal);
      return new Promise(() => undefined);
    };
    const { model } = served({ infer }, settings);
    expect(await serviceErrorOf(model.infer(request, aCall(changes)))).toMatchObject({
      code: 'deadline_exceeded',
      message: 'The request took longer than its limit of 20 ms',
    });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it('fails as the transformer does, and times it all the same', async () => {
    const { model, observed } = served({ infer: () => Promise.reject(failure) });
    const spans: unknown[] = [];
    expect(await serviceErrorOf(model.infer(request, aCall({ span: recordingSpan(spans) })))).toBe(failure);
    expect(spans).toEqual([['predict', failure]]);
    expect(observed).toContain('kserve served predict');
  });
});

describe('metadata(), isVersionReady()', () => {
  it('answers under the served name, also while there is no room for requests', async () => {
    const room = createWaitingRoom();
    const asked: unknown[] = [];
    const { model } = served({
      infer: () => room.enter().then(() => response),
      metadata: (version, { call }) => {
        asked.push([version, call.headers]);
        return Promise.resolve(info);
      },
    });
    const running = model.infer(request, aCall());
    await room.holds(1);
    const call = aCall();
    expect(await model.metadata('2', call)).toEqual({ ...info, name: 'served' });
    expect(await model.isVersionReady('2', call)).toBe(true);
    expect(asked).toEqual([['2', call.headers]]);
    room.release();
    await running;
  });
});

describe('v1()', () => {
  it.each(['predict', 'explain'] as const)('hands the body of :%s on, and times it so', async (verb) => {
    const { model, observed } = served({
      predictV1: (body) => Promise.resolve({ predictions: body }),
      explainV1: (body) => Promise.resolve({ explanations: body }),
    });
    const answer = await model.v1(verb, [1], aCall());
    expect(answer).toEqual(verb === 'predict' ? { predictions: [1] } : { explanations: [1] });
    expect(observed).toEqual([`kserve served ${verb}`, 'served queue', `served ${verb}`]);
  });

  it('says so when the predictor does not speak V1', async () => {
    const { model } = served();
    expect(await serviceErrorOf(model.v1('predict', {}, aCall()))).toMatchObject({
      code: 'unimplemented',
      message:
        'This model takes requests of the Open Inference Protocol alone, {"inputs": …}: its predictor does not speak V1',
    });
  });
});

describe('repository', () => {
  it('hands loading and unloading on with their parameters', async () => {
    const asked: unknown[] = [];
    const act = (name: string) => (parameters: object, context: Pick<RequestContext, 'call'>) => {
      asked.push([name, parameters, context.call.headers]);
      return Promise.resolve();
    };
    const { model } = served({ repository: { load: act('load'), unload: act('unload') } });
    const call = aCall();
    await model.repository?.load({ config: '{}' }, call);
    await model.repository?.unload({ unload_dependents: true }, call);
    expect(asked).toEqual([
      ['load', { config: '{}' }, call.headers],
      ['unload', { unload_dependents: true }, call.headers],
    ]);
  });

  it('is absent, as streams are, where the transformer has none', () => {
    const { model } = served();
    expect(Object.keys(model).filter((name) => ['repository', 'inferStream'].includes(name))).toEqual([]);
  });
});

describe('inferStream()', () => {
  const message = (id: string): StreamedInferResponse => ({ id, response });

  async function* requests(count = 1): AsyncGenerator<InferRequest> {
    for (let index = 0; index < count; index++) yield await Promise.resolve(request);
  }

  /** Answers each request, and goes on only while its call does. */
  const echoing: RequestTransformer['inferStream'] = async function* (asked, { signal }) {
    let index = 0;
    for await (const { model } of asked) {
      if (signal.aborted) throw signal.reason;
      yield message(`${model} ${index++}`);
    }
  };

  /** Another call, which is admitted only when the stream has ended. */
  const isRoom = async ({ model }: ReturnType<typeof served>) => {
    try {
      await model.infer(request, aCall());
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: 'resource_exhausted' });
      return false;
    }
  };

  it('gives the messages, and holds its place from the first to the last', async () => {
    const service = served({ inferStream: echoing });
    const call = aCall();
    const spans: unknown[] = [];
    const stream = service.model.inferStream?.(requests(2), { ...call, span: recordingSpan(spans) });
    const ids: string[] = [];
    expect(await isRoom(service)).toBe(true);
    service.observed.length = 0;
    for await (const { id } of stream ?? []) {
      ids.push(id);
      expect(await isRoom(service)).toBe(false);
    }
    expect(ids).toEqual(['served 0', 'served 1']);
    expect(spans).toEqual([['predict', undefined]]);
    expect([...call.times.keys()]).toEqual(['queue', 'predict']);
    expect(service.observed).toEqual(['kserve served predict', 'served queue', 'served predict']);
    expect(await isRoom(service)).toBe(true);
    expect(getEventListeners(call.signal, 'abort')).toEqual([]);
  });

  it('gives its place back when the reader leaves, and ends the transformer’s stream', async () => {
    let hasLeft = false;
    const service = served({
      inferStream: async function* (asked) {
        try {
          for await (const { model } of asked) yield message(model);
        } finally {
          hasLeft = true;
        }
      },
    });
    for await (const { id } of service.model.inferStream?.(requests(2), aCall()) ?? []) {
      expect(id).toBe('served');
      break;
    }
    expect(hasLeft).toBe(true);
    expect(await isRoom(service)).toBe(true);
  });

  it('fails as the transformer does, and gives its place back', async () => {
    const service = served({
      inferStream: async function* () {
        yield message('a');
        throw await Promise.resolve(failure);
      },
    });
    const spans: unknown[] = [];
    const stream = service.model.inferStream?.(requests(), aCall({ span: recordingSpan(spans) }));
    const read = async () => {
      for await (const { id } of stream ?? []) expect(id).toBe('a');
    };
    expect(await serviceErrorOf(read())).toBe(failure);
    expect(spans).toEqual([['predict', failure]]);
    expect(await isRoom(service)).toBe(true);
  });

  it('refuses a stream for which there is no room', async () => {
    const room = createWaitingRoom();
    const { model } = served({ inferStream: echoing, infer: () => room.enter().then(() => response) });
    const running = model.infer(request, aCall());
    await room.holds(1);
    const read = async () => {
      for await (const { id } of model.inferStream?.(requests(), aCall()) ?? []) expect(id).toBe('never');
    };
    expect(await serviceErrorOf(read())).toMatchObject({ code: 'resource_exhausted' });
    room.release();
    await running;
  });

  it('gives its place back at its time limit though the reader does not read on, and then ends by it', async () => {
    const aborted = createWaitingRoom();
    const service = served(
      {
        inferStream: async function* (asked, context) {
          context.signal.addEventListener('abort', () => void aborted.enter(), { once: true });
          yield* echoing(asked, context);
        },
      },
      { requestTimeoutMs: 50 },
    );
    const stream = service.model.inferStream?.(requests(2), aCall())[Symbol.asyncIterator]();
    expect((await stream?.next())?.value).toMatchObject({ id: 'served 0' });
    await aborted.holds(1);
    expect(await isRoom(service)).toBe(true);
    expect(await serviceErrorOf(stream?.next() ?? Promise.resolve())).toMatchObject({
      code: 'deadline_exceeded',
      message: 'The request took longer than its limit of 50 ms',
    });
  });
});
