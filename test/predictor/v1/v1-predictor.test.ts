import { setTimeout as sleep } from 'node:timers/promises';
import { NO_SPAN } from '../../../src/observability/span.js';
import type { NamedTensors, Predictor } from '../../../src/predictor/predictor.js';
import { parseV1Address } from '../../../src/predictor/v1/v1-address.js';
import { createV1Predictor } from '../../../src/predictor/v1/v1-predictor.js';
import { float32Tensor } from '../../../src/tensor.js';
import { V1_READY, V1Answer } from '../../helpers/fake-v1-server.js';
import { serviceErrorOf, serviceErrorThrownBy } from '../../helpers/service-error-of.js';
import { recordingLogger } from '../triton/triton-setup.js';
import { startV1 } from './v1-setup.js';

const row = float32Tensor([1, 4], Float32Array.of(1, 2, 3, 4));
const inputs: NamedTensors = new Map([['input', row]]);

const stops: (() => Promise<void>)[] = [];

/** A fake server and its predictor, stopped after the test. */
async function start(...args: Parameters<typeof startV1>) {
  const { fake, predictor, stop } = await startV1(...args);
  stops.push(stop);
  return { fake, predictor };
}

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** V1's own calls, which are there. */
function v1Of({ v1 }: Predictor) {
  if (v1 === undefined) throw new Error('the predictor does not speak V1');
  return v1;
}

describe('createV1Predictor()', () => {
  it('names its place, and has neither streams nor a repository', async () => {
    const { predictor, fake } = await start();
    expect(predictor.address).toBe(fake.address);
    expect(predictor.inferStream).toBeUndefined();
    expect(predictor.repository).toBeUndefined();
  });

  it('refuses TLS without an address of TLS', () => {
    const { logger } = recordingLogger();
    const options = { concurrency: 1, requestTimeoutMs: 1000, tls: {}, logger };
    const error = serviceErrorThrownBy(() => createV1Predictor(parseV1Address('sklearn:8080'), options));
    expect(error.message).toBe(
      'The option tls needs an address with https:// or grpcs://; received http://sklearn:8080',
    );
  });
});

describe('v1', () => {
  it.each(['predict', 'explain'] as const)(
    'brings a body to :%s and its answer back, both as they are',
    async (verb) => {
      const { predictor, fake } = await start();
      const instances = [{ text: 'größe', n: 0.1 }, [1, null, true]];
      const body = { instances, extra: { caption: 'kept' } };
      const answer = await v1Of(predictor)[verb]('echo', body);
      expect(answer).toEqual({ [verb === 'predict' ? 'predictions' : 'explanations']: instances });
      expect(fake.seen.map(({ request }) => request)).toEqual([`POST /v1/models/echo:${verb}`]);
      expect(fake.seen[0]?.headers['content-type']).toBe('application/json');
      expect(JSON.parse(fake.seen[0]?.body ?? '')).toEqual(body);
    },
  );

  it('sends the bytes of a body as they came, with all their digits', async () => {
    const { predictor, fake } = await start();
    const body = '{"instances": [9007199254740993, 1.0]}';
    await v1Of(predictor).predict('echo', Buffer.from(body));
    expect(fake.seen[0]?.body).toBe(body);
  });

  it('escapes the name of a model', async () => {
    const { predictor, fake } = await start();
    const error = await serviceErrorOf(v1Of(predictor).predict('a/b c:predict', { instances: [] }));
    expect(fake.seen[0]?.request).toBe('POST /v1/models/a%2Fb%20c%3Apredict:predict');
    expect(error.code).toBe('upstream_error');
  });

  it('sends the headers of the call, and tells those of the answer', async () => {
    const { predictor, fake } = await start();
    const told: (string | undefined)[] = [];
    await v1Of(predictor).predict(
      'echo',
      { instances: [] },
      {
        headers: { 'x-request-id': 'r-1', 'x-tenant': 'north', 'content-length': '999' },
        onResponseHeaders: (headers) => told.push(headers.get('x-served-by')),
        span: NO_SPAN,
      },
    );
    expect(fake.seen[0]?.headers).toMatchObject({ 'x-request-id': 'r-1', 'x-tenant': 'north' });
    expect(told).toEqual(['fake-v1']);
  });

  it.each([
    ['no object', 5, 'body must be an object; received number'],
    ['nothing', undefined, 'body must be an object; received undefined'],
    ['a bigint', { instances: [1n] }, 'body must hold what JSON can: no bigint, and nothing that holds itself'],
  ])('asks nothing for %s', async (_, body, message) => {
    const { predictor, fake } = await start();
    const error = await serviceErrorOf(v1Of(predictor).predict('echo', body));
    expect(error).toMatchObject({ code: 'invalid_argument', message });
    expect(fake.seen).toEqual([]);
  });

  it('refuses an answer that is not JSON', async () => {
    const { predictor, fake } = await start();
    fake.models.set('odd', { state: V1_READY, predict: () => new V1Answer(200, '{"predictions": [NaN]}') });
    expect(await serviceErrorOf(v1Of(predictor).predict('odd', { instances: [] }))).toMatchObject({
      code: 'upstream_error',
      message: "The predictor's answer for model odd is not valid: it is not JSON",
    });
  });

  it('refuses an answer over its limit', async () => {
    const { predictor } = await start({ maxAnswerBytes: 1000 });
    const body = { instances: ['x'.repeat(2000)] };
    expect(await serviceErrorOf(v1Of(predictor).predict('echo', body))).toMatchObject({
      code: 'upstream_error',
      message: "The predictor's answer for model echo is not valid: it is larger than an answer may be",
    });
  });
});

describe('infer()', () => {
  it('sends rows, and gives those of the answer by the name that was asked for', async () => {
    const { predictor, fake } = await start();
    const request = { model: 'echo', id: 'r-1', inputs, parameters: { tenant: 'north' } };
    expect((await predictor.infer(request)).outputs).toEqual(new Map([['output-0', row]]));
    expect((await predictor.infer({ ...request, outputs: ['score'] })).outputs).toEqual(new Map([['score', row]]));
    expect(fake.seen[0]?.body).toBe('{"instances":[[1,2,3,4]]}');
  });

  it('sends several inputs as objects, and gives a tensor for each key of the answer', async () => {
    const { predictor } = await start();
    const names = { datatype: 'BYTES', shape: [1], data: [Buffer.from('a')] } as const;
    const both: NamedTensors = new Map([...inputs, ['name', names]]);
    expect((await predictor.infer({ model: 'echo', inputs: both })).outputs).toEqual(both);
  });

  it('sends a version in the path, as TensorFlow Serving has it', async () => {
    const { predictor, fake } = await start();
    const response = await predictor.infer({ model: 'echo', version: '1', inputs });
    expect(fake.seen[0]?.request).toBe('POST /v1/models/echo/versions/1:predict');
    expect(response.version).toBeUndefined();
  });

  it('refuses to classify', async () => {
    const { predictor, fake } = await start();
    const outputs = ['a', { name: 'score', classification: 2 }];
    expect(await serviceErrorOf(predictor.infer({ model: 'echo', inputs, outputs }))).toMatchObject({
      code: 'unimplemented',
      message: 'outputs: the predictor speaks V1, which has no classification (score)',
    });
    expect(fake.seen).toEqual([]);
  });

  it('gives its place back after inputs that cannot be sent', async () => {
    const { predictor } = await start({ concurrency: 1 });
    const nan = new Map([['input', float32Tensor([1], Float32Array.of(NaN))]]);
    for (let count = 0; count < 3; count++) {
      expect((await serviceErrorOf(predictor.infer({ model: 'echo', inputs: nan }))).code).toBe('invalid_argument');
    }
    expect((await predictor.infer({ model: 'echo', inputs })).outputs.size).toBe(1);
  });

  describe('with errors of the predictor', () => {
    it.each<[V1Answer, object]>([
      [
        new V1Answer(400, { error: 'shape (3,) is not (4,), in /opt/model.py' }),
        {
          code: 'upstream_error',
          message: 'The predictor answered with an error for model bad: shape (3,) is not (4,), in …',
          upstream: {
            status: 'INVALID_ARGUMENT',
            httpStatus: 400,
            text: 'shape (3,) is not (4,), in /opt/model.py',
          },
        },
      ],
      [
        new V1Answer(404, { detail: 'Not Found' }),
        { code: 'upstream_error', upstream: { status: 'NOT_FOUND', httpStatus: 404, text: 'Not Found' } },
      ],
      [
        new V1Answer(503, { code: 503, message: 'Model "bad" has no worker' }),
        {
          code: 'unavailable',
          upstream: { status: 'UNAVAILABLE', httpStatus: 503, text: 'Model "bad" has no worker' },
        },
      ],
      [
        new V1Answer(429, 'slow down'),
        { code: 'unavailable', upstream: { status: 'RESOURCE_EXHAUSTED', httpStatus: 429, text: 'slow down' } },
      ],
      [
        new V1Answer(504, '<html>Gateway Timeout</html>'),
        {
          code: 'deadline_exceeded',
          upstream: { status: 'DEADLINE_EXCEEDED', httpStatus: 504, text: 'HTTP status 504' },
        },
      ],
      [
        new V1Answer(418, ''),
        { code: 'upstream_error', upstream: { status: 'UNKNOWN', httpStatus: 418, text: 'HTTP status 418' } },
      ],
    ])('keeps the status and the words of %o', async (answer, expected) => {
      const { predictor, fake } = await start();
      fake.models.set('bad', { state: V1_READY, predict: () => answer });
      expect(await serviceErrorOf(predictor.infer({ model: 'bad', inputs }))).toMatchObject(expected);
    });
  });

  it.each([
    [undefined, 1],
    [2, 3],
  ])('with %s retries sends a call that is refused %d times in all', async (retries, times) => {
    const { predictor, fake } = await start(retries === undefined ? {} : { retries });
    fake.models.set('busy', { state: V1_READY, predict: () => new V1Answer(503, { error: 'busy' }) });
    expect((await serviceErrorOf(predictor.infer({ model: 'busy', inputs }))).code).toBe('unavailable');
    expect(fake.seen).toHaveLength(times);
  });

  it('ends a call at its time limit', async () => {
    const { predictor } = await start({ requestTimeoutMs: 100 });
    expect(await serviceErrorOf(predictor.infer({ model: 'slow', inputs }))).toMatchObject({
      code: 'deadline_exceeded',
      message: 'The call to model slow took longer than its limit of 100 ms',
    });
  });

  it('fails the calls under way when the server is lost, and works again after its return', async () => {
    const { predictor, fake } = await start();
    const call = serviceErrorOf(predictor.infer({ model: 'slow', inputs }));
    await fake.slow.holds(1);
    await fake.crash();
    expect(await call).toMatchObject({
      code: 'unavailable',
      message: 'The predictor went away while it worked on the call',
      upstream: undefined,
    });
    expect(await serviceErrorOf(predictor.infer({ model: 'echo', inputs }))).toMatchObject({
      code: 'unavailable',
      message: 'The predictor cannot be reached',
    });
    await fake.restart();
    while (!(await predictor.isServerReady())) await sleep(20);
    expect((await predictor.infer({ model: 'echo', inputs })).outputs.size).toBe(1);
  });
});

describe('modelInfo()', () => {
  it('says that a model takes rows, however many, and asks once', async () => {
    const { predictor, fake } = await start();
    for (let count = 0; count < 2; count++) {
      expect(await predictor.modelInfo('echo')).toEqual({
        name: 'echo',
        inputs: [],
        outputs: [],
        maxBatchSize: Infinity,
        versions: [],
        platform: '',
      });
    }
    expect(fake.seen.map(({ request }) => request)).toEqual(['GET /v1/models/echo']);
  });

  it('asks again after the server was lost', async () => {
    const { predictor, fake } = await start();
    await predictor.modelInfo('echo');
    await fake.crash();
    await serviceErrorOf(predictor.infer({ model: 'echo', inputs }));
    await fake.restart();
    fake.models.delete('echo');
    expect(await serviceErrorOf(predictor.modelInfo('echo'))).toMatchObject({
      code: 'upstream_error',
      upstream: { status: 'NOT_FOUND', text: 'Model with name echo does not exist.' },
    });
  });
});

describe('isModelReady()', () => {
  it.each([
    [200, { name: 'm', ready: true }, true],
    [200, { name: 'm', ready: 'True' }, true],
    [200, { name: 'm', ready: false }, false],
    [200, { name: 'm', ready: 'False' }, false],
    [200, { modelName: 'm', modelVersion: '1.0' }, true],
    [200, [{ modelName: 'm' }], true],
    [200, 'OK', true],
    [
      200,
      {
        model_version_status: [
          { version: '2', state: 'LOADING' },
          { version: '1', state: 'AVAILABLE' },
        ],
      },
      true,
    ],
    [200, { model_version_status: [{ version: '1', state: 'LOADING' }] }, false],
    [503, { error: 'Model with name m is not ready.' }, false],
    [404, { error: 'Model with name m does not exist.' }, false],
    [500, '', false],
  ])('understands the status %d with %j', async (status, body, ready) => {
    const { predictor, fake } = await start();
    fake.models.set('m', { state: new V1Answer(status, body), predict: () => [] });
    expect(await predictor.isModelReady('m')).toBe(ready);
  });

  it("rejects with the signal's reason when nobody waits", async () => {
    const { predictor } = await start();
    const error = await serviceErrorOf(predictor.isModelReady('echo', { signal: AbortSignal.abort() }));
    expect(error.code).toBe('cancelled');
  });
});
