import * as z from 'zod';
import {
  type ClientError,
  createModelClient,
  type ModelClient,
  type ModelClientOptions,
  pictureInstance,
  textInstance,
} from '../../client/src/index.js';
import { type FakeAnswer, type FakeService, type ReceivedCall, startFakeService } from '../helpers/fake-service.js';

const requestSchema = z.object({ instances: z.array(z.object({ data: z.string() })) });
const lengthSchema = z.object({ length: z.number() });

/** Answers each text with its length, under `predictions` or `explanations`; `bad` has an error in its place. */
function byLength({ path, body }: ReceivedCall): FakeAnswer {
  const answers = requestSchema
    .parse(body)
    .instances.map(({ data }, index) =>
      data === 'bad'
        ? { error: { code: 'unprocessable', message: `instances[${index}]: bad` } }
        : { length: data.length, seen: data },
    );
  return { json: { [path.endsWith(':explain') ? 'explanations' : 'predictions']: answers } };
}

let service: FakeService | undefined;
let client: ModelClient<{ length: number }, { length: number }> | undefined;

async function connect(
  answer: Parameters<typeof startFakeService>[0],
  options: Partial<ModelClientOptions<{ length: number }, { length: number }>> = {},
) {
  service = await startFakeService(answer);
  client = createModelClient({
    url: service.url,
    model: 'lengths',
    prediction: lengthSchema,
    explanation: lengthSchema,
    ...options,
  });
  return { service, client };
}

const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (thrown: unknown) => thrown as ClientError,
  );

afterEach(async () => {
  await service?.close();
  await client?.close();
});

describe('predict()', () => {
  it('sends one instance and gives back the one prediction as it came', async () => {
    const { service, client } = await connect(byLength, { token: 'secret' });
    await expect(client.predict(textInstance('four'))).resolves.toEqual({ length: 4, seen: 'four' });
    expect(service.calls).toMatchObject([
      {
        method: 'POST',
        path: '/v1/models/lengths:predict',
        body: { instances: [{ data: 'four' }] },
        headers: { authorization: 'Bearer secret' },
      },
    ]);
  });

  it('throws the error of an instance', async () => {
    const { client } = await connect(byLength);
    await expect(failureOf(client.predict(textInstance('bad')))).resolves.toMatchObject({
      name: 'ClientError',
      code: 'unprocessable',
      message: 'instances[0]: bad',
    });
  });

  it.each<[string, FakeAnswer, Partial<ClientError>]>([
    [
      'no predictions',
      { json: { outputs: [] } },
      { message: expect.stringMatching(/^expected "predictions" .*outputs/) },
    ],
    ['null', { json: null }, { message: 'expected "predictions" from the service, received null' }],
    ['too many', { json: { predictions: [1, 2] } }, { message: 'expected 1 predictions from the service, received 2' }],
    [
      'one of another form',
      { json: { predictions: [{ length: 'x' }] } },
      { message: expect.stringMatching(/^an answer of another form than expected: length: /) },
    ],
  ])('distrusts an answer with %s', async (_, answer, expected) => {
    const { client } = await connect(() => answer);
    const error = await failureOf(client.predict(textInstance('a')));
    expect(error).toMatchObject({ code: 'bad_answer', ...expected });
  });

  it("throws the service's own text when it refuses", async () => {
    const { client } = await connect(() => ({ status: 503, json: { error: 'predictor restarting' } }));
    const error = await failureOf(client.predict(textInstance('a')));
    expect(error).toMatchObject({ status: 503, message: 'predictor restarting' });
  });

  it('can be cancelled', async () => {
    const { client } = await connect(() => 'hang');
    const error = await failureOf(client.predict(textInstance('a'), { signal: AbortSignal.timeout(50) }));
    expect(error).toMatchObject({ code: 'cancelled' });
  });

  it('takes any answer where nothing is said of its form', async () => {
    const { service } = await connect(() => ({ json: { predictions: [[0.5, null]] } }));
    const anything = createModelClient({ url: service.url, model: 'm' });
    await expect(anything.predict(3)).resolves.toEqual([0.5, null]);
    await anything.close();
  });
});

describe('predictAll()', () => {
  it('keeps the error of an instance apart from its neighbours', async () => {
    const { client, service } = await connect(byLength);
    const outcomes = await client.predictAll(['a', 'bad', 'ccc'].map(textInstance));
    expect(outcomes.map(({ answer, error }) => answer?.length ?? error?.code)).toEqual([1, 'unprocessable', 3]);
    expect(service.calls).toHaveLength(1);
  });

  it('takes a prediction that only looks like an error for what it is', async () => {
    const { client } = await connect(() => ({ json: { predictions: [{ length: 1, error: 'none' }] } }));
    await expect(client.predictAll(['a'])).resolves.toEqual([{ answer: { length: 1, error: 'none' } }]);
  });
});

describe('predictMany()', () => {
  it('reads inputs when their turn comes, sends batches and yields results in order', async () => {
    const { client, service } = await connect(byLength);
    const inputs = ['a', 'bad', 'ccc'].map((name) => ({ name, bytes: () => Promise.resolve(Buffer.from(name)) }));
    const lines: string[] = [];
    const toInstance = (bytes: Uint8Array) => textInstance(Buffer.from(bytes).toString());
    for await (const { input, call, answer, error } of client.predictMany(inputs, { batch: 2, toInstance })) {
      lines.push(`${input.name} ${call?.id} ${answer?.length ?? error?.code}`);
    }
    expect(lines).toEqual(['a 0 1', 'bad 0 unprocessable', 'ccc 1 3']);
    expect(service.calls).toHaveLength(2);
  });

  it('sends pictures in base64 when nothing else is said', async () => {
    const { client, service } = await connect(() => ({ json: { predictions: [{ length: 1 }] } }));
    for await (const { error } of client.predictMany([{ name: 'a', bytes: Buffer.from('picture') }])) {
      expect(error).toBeUndefined();
    }
    expect(service.calls[0]?.body).toEqual({ instances: [pictureInstance(Buffer.from('picture'))] });
    expect(pictureInstance(Buffer.from('picture'))).toEqual({ b64: 'cGljdHVyZQ==' });
  });
});

describe('explain()', () => {
  it('asks for explanations, of one instance or of many', async () => {
    const { client, service } = await connect(byLength);
    await expect(client.explain(textInstance('four'))).resolves.toMatchObject({ length: 4 });
    const outcomes = await client.explainAll([textInstance('bad'), textInstance('a')]);
    expect(outcomes.map(({ error }) => error?.code)).toEqual(['unprocessable', undefined]);
    expect(service.calls.map(({ path }) => path)).toEqual(Array(2).fill('/v1/models/lengths:explain'));
  });
});

describe('ready()', () => {
  it('asks for the model', async () => {
    const { client, service } = await connect(() => ({ json: { name: 'lengths', ready: true } }));
    await expect(client.ready()).resolves.toBe(true);
    expect(service.calls[0]).toMatchObject({ method: 'GET', path: '/v1/models/lengths' });
  });
});
