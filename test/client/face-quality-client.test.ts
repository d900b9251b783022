import { multiRequestSchema, type Response, requestSchema } from 'common-data-type';
import {
  ClientError,
  createFaceQualityClient,
  type FaceQualityClient,
  type PictureResult,
} from '../../client/src/index.js';
import { type FakeAnswer, type FakeService, type ReceivedCall, startFakeService } from '../helpers/fake-service.js';
import { BAD_ITEM, NO_FACE, SCORED } from './faces.js';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const named = (...names: string[]) => names.map((name) => ({ name, bytes: Buffer.from(name) }));

/** Answers each item by its decoded text: a picture's score is its text's length / 100, `bad` is no picture. */
function byText({ body }: ReceivedCall): FakeAnswer {
  const { multi_data: requests } = multiRequestSchema.parse(body);
  const responses = requests.map(({ data }): Response => {
    const text = Buffer.from(data.item, 'base64').toString();
    return text.startsWith('bad') ? BAD_ITEM : { data: [{ score: text.length / 100 }] };
  });
  return { json: { multi_data: responses } };
}

async function collect(results: AsyncIterable<PictureResult>): Promise<PictureResult[]> {
  const collected: PictureResult[] = [];
  for await (const result of results) collected.push(result);
  return collected;
}

const toLine = ({ picture, response, error }: PictureResult) =>
  `${picture.name}: ${response === undefined ? error.message : String(response.data[0]?.score)}`;

let service: FakeService | undefined;
let client: FaceQualityClient | undefined;

/** Starts a service that answers so, and a client that calls it. */
async function connect(
  answer: Parameters<typeof startFakeService>[0],
  options: Partial<Parameters<typeof createFaceQualityClient>[0]> = {},
): Promise<{ service: FakeService; client: FaceQualityClient }> {
  service = await startFakeService(answer);
  client = createFaceQualityClient({ url: service.url, ...options });
  return { service, client };
}

afterEach(async () => {
  await service?.close();
  await client?.close();
});

describe('score()', () => {
  it('sends a single Request of base64 and reads a MultiResponse of one', async () => {
    const { service, client } = await connect(() => ({ json: { multi_data: [SCORED] } }));
    await expect(client.score(Buffer.from('picture'))).resolves.toEqual(SCORED);
    const [call] = service.calls;
    expect(call).toMatchObject({ method: 'POST', path: '/v1/models/facequality:predict' });
    expect(call?.headers['content-type']).toBe('application/json');
    expect(call?.body).toEqual({ data: { item: base64('picture') } });
    expect(requestSchema.safeParse(call?.body).success).toBe(true);
  });

  it('reads a bare Response as well', async () => {
    const { client } = await connect(() => ({ json: SCORED }));
    await expect(client.score(Buffer.from('picture'))).resolves.toEqual(SCORED);
  });

  it('sends only the viewed part of a larger buffer', async () => {
    const { service, client } = await connect(() => ({ json: SCORED }));
    await client.score(new Uint8Array(Buffer.from('..view..')).subarray(2, 6));
    expect(service.calls[0]?.body).toEqual({ data: { item: base64('view') } });
  });

  it('sends extra_info, headers, the token and the model as asked', async () => {
    const { service, client } = await connect(() => ({ json: SCORED }), {
      model: 'my model',
      token: 'secret',
      headers: { host: 'faces.example.com', 'x-request-id': '7' },
    });
    await client.score(Buffer.from('picture'), { type: 'id', others: [{ key: 'a', value: 1 }] });
    const [call] = service.calls;
    expect(call?.path).toBe('/v1/models/my%20model:predict');
    expect(call?.headers).toMatchObject({
      host: 'faces.example.com',
      'x-request-id': '7',
      authorization: 'Bearer secret',
    });
    expect(call?.body).toMatchObject({ extra_info: { type: 'id', others: [{ key: 'a', value: 1 }] } });
  });

  it('lets a header replace its own, whatever the case', async () => {
    const { service, client } = await connect(() => ({ json: SCORED }), { headers: { 'Content-Type': 'image/jpeg' } });
    await client.score(Buffer.from('picture'));
    expect(service.calls[0]?.headers['content-type']).toBe('image/jpeg');
  });

  it('puts a path of the url before its own', async () => {
    const { service } = await connect(() => ({ json: SCORED }));
    const behindPath = createFaceQualityClient({ url: `${service.url}/faces/` });
    await behindPath.score(Buffer.from('picture'));
    await behindPath.close();
    expect(service.calls[0]?.path).toBe('/faces/v1/models/facequality:predict');
  });

  it.each<[string, FakeAnswer, { status?: number; code?: string; message: string | RegExp }]>([
    [
      "the service's own text",
      { status: 422, json: { error: 'data.item: not an image' } },
      { status: 422, message: 'data.item: not an image' },
    ],
    [
      'a refusal that is not JSON',
      { status: 502, text: '<html>\n Bad Gateway</html>' },
      { status: 502, message: /:predict answers 502 with "<html> Bad Gateway<\/html>"$/ },
    ],
    ['an empty refusal', { status: 500, text: '' }, { status: 500, message: /answers 500 with an empty body$/ }],
    [
      'an answer that is not JSON',
      { text: 'hello' },
      { code: 'bad_answer', message: /^expected JSON from .*:predict, received "hello"$/ },
    ],
    [
      'JSON that is no Response',
      { json: { multi_data: [{ data: [{ score: 'high' }] }] } },
      { code: 'bad_answer', message: /^expected a MultiResponse .*: multi_data\.0\.data\.0\.score: Invalid input/ },
    ],
    [
      'another number of Responses',
      { json: { multi_data: [SCORED, SCORED] } },
      { code: 'bad_answer', message: 'expected 1 Responses from the service, received 2' },
    ],
    [
      'a Response without a score',
      { json: { data: [] } },
      { code: 'bad_answer', message: 'the service answered without a score' },
    ],
    [
      "an item's error",
      { json: { multi_data: [BAD_ITEM] } },
      { code: 'unprocessable', message: 'data.item: expected an image, received text' },
    ],
    [
      'a connection that is cut',
      'cut',
      { code: 'connection_lost', message: /^the connection to http:\S+ broke before the answer was complete/ },
    ],
  ])('throws a ClientError for %s', async (_, answer, { message, ...expected }) => {
    const { client } = await connect(() => answer);
    const error = await client.score(Buffer.from('picture')).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ClientError);
    expect(error).toMatchObject(expected);
    expect((error as ClientError).message).toMatch(message);
  });

  it('gives up after its time limit', async () => {
    const { client, service } = await connect(() => 'hang', { timeoutMs: 200 });
    await expect(client.score(Buffer.from('picture'))).rejects.toMatchObject({
      code: 'timeout',
      message: `no answer from ${service.url} within 0.2 s`,
    });
  });

  it('says that nothing listens', async () => {
    const { client, service } = await connect(() => 'hang');
    await service.close();
    await expect(client.score(Buffer.from('picture'))).rejects.toMatchObject({
      code: 'unreachable',
      message: `cannot reach ${service.url}: connection refused`,
    });
  });
});

describe('scoreMany()', () => {
  it('sends batches and yields results in order, each with its call', async () => {
    const { service, client } = await connect(byText);
    const results = await collect(client.scoreMany(named('a', 'bb', 'ccc', 'dddd', 'eeeee'), { batch: 2 }));
    expect(results.map(toLine)).toEqual(['a: 0.01', 'bb: 0.02', 'ccc: 0.03', 'dddd: 0.04', 'eeeee: 0.05']);
    expect(service.calls.map(({ body }) => body)).toEqual([
      { multi_data: [{ data: { item: base64('a') } }, { data: { item: base64('bb') } }] },
      { multi_data: [{ data: { item: base64('ccc') } }, { data: { item: base64('dddd') } }] },
      { multi_data: [{ data: { item: base64('eeeee') } }] },
    ]);
    expect(results.map(({ call }) => [call?.id, call?.pictures])).toEqual([
      [0, 2],
      [0, 2],
      [1, 2],
      [1, 2],
      [2, 1],
    ]);
    expect(results.every(({ call }) => (call?.ms ?? 0) > 0)).toBe(true);
  });

  it('sends single Requests with a batch of 1', async () => {
    const { service, client } = await connect(() => ({ json: { multi_data: [NO_FACE] } }));
    const results = await collect(client.scoreMany(named('a', 'b'), { batch: 1, extraInfo: { type: 'id' } }));
    expect(results.map(({ response }) => response)).toEqual([NO_FACE, NO_FACE]);
    expect(service.calls.map(({ body }) => body)).toEqual([
      { data: { item: base64('a') }, extra_info: { type: 'id' } },
      { data: { item: base64('b') }, extra_info: { type: 'id' } },
    ]);
  });

  it('sends extra_info once for a batch', async () => {
    const { service, client } = await connect(byText);
    await collect(client.scoreMany(named('a', 'b'), { extraInfo: { type: 'id' } }));
    expect(service.calls[0]?.body).toEqual({
      multi_data: [{ data: { item: base64('a') } }, { data: { item: base64('b') } }],
      extra_info: { type: 'id' },
    });
  });

  it('keeps as many calls on their way as asked, no more, and the order', async () => {
    const pictures = named('a', 'bb', 'ccc', 'dddd', 'eeeee', 'ffffff', 'ggggggg', 'hhhhhhhh', 'iiiiiiiii', 'j');
    let pulled = 0;
    function* source() {
      for (const picture of pictures) {
        pulled++;
        yield picture;
      }
    }
    const waiting: (() => void)[] = [];
    const { client, service } = await connect(async (call) => {
      // The first three are answered, the last one first, once all three are there.
      if (service.calls.length <= 3) {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          if (waiting.length < 3) return;
          // Three batches of two, and the picture that shows that the third one is full.
          expect(pulled).toBe(7);
          for (const answer of waiting.reverse()) answer();
        });
      }
      return byText(call);
    });
    const results = await collect(client.scoreMany(source(), { batch: 2, concurrency: 3 }));
    expect(results.map(toLine)).toEqual(pictures.map(({ name }) => `${name}: ${name.length / 100}`));
  });

  it('reads pictures when their turn comes, from an async source too', async () => {
    const { client } = await connect(byText);
    async function* source() {
      await Promise.resolve();
      yield { name: 'a', bytes: () => Promise.resolve(Buffer.from('a')) };
      yield { name: 'gone', bytes: () => Promise.reject(new Error('ENOENT')) };
      yield { name: 'bb', bytes: () => Promise.resolve(Buffer.from('bb')) };
    }
    const results = await collect(client.scoreMany(source()));
    expect(results.map(toLine)).toEqual(['a: 0.01', 'gone: cannot be read: ENOENT', 'bb: 0.02']);
    expect(results[1]).toMatchObject({ error: { code: 'unreadable' } });
    expect(results[1]?.call).toBeUndefined();
  });

  it('keeps one bad item apart from its neighbours', async () => {
    const { client } = await connect(byText);
    const results = await collect(client.scoreMany(named('a', 'bad', 'ccc')));
    expect(results.map(toLine)).toEqual(['a: 0.01', 'bad: data.item: expected an image, received text', 'ccc: 0.03']);
    expect(results[1]).toMatchObject({ error: { code: 'unprocessable', status: undefined } });
  });

  it('sends a batch that is refused because of its pictures again one by one', async () => {
    const { client, service } = await connect((call) => {
      const { multi_data: requests } = multiRequestSchema.parse(call.body);
      const isTooLarge = requests.length > 1 || requests[0]?.data.item === base64('huge');
      return isTooLarge ? { status: 413, json: { error: `too large: ${requests.length}` } } : byText(call);
    });
    const results = await collect(client.scoreMany(named('a', 'huge', 'ccc')));
    expect(results.map(toLine)).toEqual(['a: 0.01', 'huge: too large: 1', 'ccc: 0.03']);
    expect(results[1]).toMatchObject({ error: { status: 413 } });
    expect(service.calls).toHaveLength(4);
  });

  it.each([401, 404, 429, 500, 503, 504])('gives all pictures of a call its error of status %d', async (status) => {
    const { client, service } = await connect(() => ({ status, json: { error: 'not now' } }));
    const results = await collect(client.scoreMany(named('a', 'b', 'c'), { batch: 2 }));
    expect(results.map(({ error }) => [error?.status, error?.message])).toEqual([
      [status, 'not now'],
      [status, 'not now'],
      [status, 'not now'],
    ]);
    expect(service.calls).toHaveLength(2);
  });

  it('goes on after a call whose connection was cut', async () => {
    let calls = 0;
    const { client } = await connect((call) => (calls++ === 0 ? 'cut' : byText(call)));
    const results = await collect(client.scoreMany(named('a', 'bb', 'ccc'), { batch: 2 }));
    expect(results.map(({ error }) => error?.code)).toEqual(['connection_lost', 'connection_lost', undefined]);
  });

  it('distrusts an answer of another length for all pictures of its call', async () => {
    const { client } = await connect(() => ({ json: { multi_data: [SCORED] } }));
    const results = await collect(client.scoreMany(named('a', 'b')));
    const message = 'expected 2 Responses from the service, received 1';
    expect(results.map(toLine)).toEqual([`a: ${message}`, `b: ${message}`]);
  });

  it('yields nothing for no pictures', async () => {
    const { client, service } = await connect(byText);
    await expect(collect(client.scoreMany([]))).resolves.toEqual([]);
    expect(service.calls).toHaveLength(0);
  });

  it('cancels calls on their way when the caller stops', async () => {
    let calls = 0;
    const { client } = await connect((call) => (calls++ === 0 ? byText(call) : 'hang'));
    for await (const { picture } of client.scoreMany(named('a', 'b', 'c'), { batch: 2, concurrency: 2 })) {
      expect(picture.name).toBe('a');
      break;
    }
    // It would wait for the call that hangs.
    await expect(client.close()).resolves.toBeUndefined();
  });
});

describe('ready()', () => {
  it.each<[FakeAnswer, boolean]>([
    [{ json: { name: 'facequality', ready: true } }, true],
    [{ json: { name: 'facequality', ready: 'True' } }, true],
    [{ json: { name: 'facequality', ready: false } }, false],
    [{ json: {} }, false],
    [{ status: 503, json: { error: 'not ready' } }, false],
  ])('reads %j as %s', async (answer, expected) => {
    const { client, service } = await connect(() => answer);
    await expect(client.ready()).resolves.toBe(expected);
    expect(service.calls[0]).toMatchObject({ method: 'GET', path: '/v1/models/facequality' });
  });

  it('is false while nothing listens', async () => {
    const { client, service } = await connect(() => 'hang');
    await service.close();
    await expect(client.ready()).resolves.toBe(false);
  });

  it('throws for a model that the service does not have', async () => {
    const { client } = await connect(() => ({ status: 404, json: { error: 'no model facequality' } }));
    await expect(client.ready()).rejects.toMatchObject({ status: 404, message: 'no model facequality' });
  });
});

describe('createFaceQualityClient()', () => {
  it.each(['', 'localhost:8080', '127.0.0.1:8080', 'ftp://host'])('refuses the url "%s"', (url) => {
    expect(() => createFaceQualityClient({ url })).toThrow(
      `url: expected http://host:port or https://host, received "${url}"`,
    );
  });
});
