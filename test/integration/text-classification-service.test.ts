import { existsSync } from 'node:fs';
import { connectGrpc } from '../helpers/grpc-client.js';
import { goldenTexts, TINY_FLAGS, TINY_TOLERANCE, topicOf, TOPICS } from '../helpers/golden-texts.js';
import { type RunningService, startService } from '../helpers/start-service.js';
import { tritonAddress } from './real-triton.js';

const PREDICT = '/v1/models/text_classification:predict';
const EXPLAIN = '/v1/models/text_classification:explain';
const { tiny, minilm } = goldenTexts();

/** Fetched by `npm run models -- text_classification`, which `npm run test:triton` does where it can. */
const HAS_MINILM = existsSync('triton-models/text_classification/1/model.onnx');

/** Of scores: PyTorch's logits agree within 1e-4, and the golden ones have five digits. */
const TOLERANCE = 1e-4;

interface Prediction {
  readonly label: string;
  readonly scores: Readonly<Record<string, number>>;
}

interface Explanation {
  readonly label: string;
  readonly score: number;
  readonly base_score: number;
  readonly words: readonly string[];
  readonly importances: readonly number[];
}

const triton = (protocol: 'http' | 'grpc') => [
  `--predictor_host=${tritonAddress(protocol)}`,
  `--predictor_protocol=${protocol === 'http' ? 'v2' : 'grpc-v2'}`,
];

async function withService<T>(flags: readonly string[], use: (service: RunningService) => Promise<T>): Promise<T> {
  const service = await startService(flags);
  try {
    await service.untilReady();
    return await use(service);
  } finally {
    await service.stop();
  }
}

async function predictions(service: RunningService, texts: readonly string[]): Promise<readonly Prediction[]> {
  const { status, body } = await service.post(PREDICT, { instances: texts.map((data) => ({ data })) });
  expect(status).toBe(200);
  return (body as { predictions: Prediction[] }).predictions;
}

function expectScores(given: readonly Prediction[], expected: readonly (readonly number[])[], tolerance: number): void {
  expect(given).toHaveLength(expected.length);
  given.forEach(({ label, scores }, index) => {
    const wanted = expected[index] ?? [];
    expect(label).toBe(topicOf(wanted));
    TOPICS.forEach((topic, i) => expect(Math.abs((scores[topic] ?? NaN) - (wanted[i] ?? NaN))).toBeLessThan(tolerance));
  });
}

function softmax(logits: readonly number[]): readonly number[] {
  const powers = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
  return powers.map((power) => power / powers.reduce((a, b) => a + b, 0));
}

describe.each(['http', 'grpc'] as const)('the text_classification service over a real Triton by %s', (protocol) => {
  it('answers and explains texts as numpy does, on the tiny model', async () => {
    await withService([...TINY_FLAGS, ...triton(protocol)], async (service) => {
      const texts = tiny.map(({ text }) => text);
      const expected = tiny.map(({ scores }) => scores);
      expectScores(await predictions(service, texts), expected, TINY_TOLERANCE);
      const [known] = tiny;
      const { body } = await service.post(EXPLAIN, { instances: [known?.text] });
      const [explanation] = (body as { explanations: Explanation[] }).explanations;
      known?.importances?.forEach((importance, i) =>
        expect(Math.abs((explanation?.importances[i] ?? NaN) - importance)).toBeLessThan(2 * TINY_TOLERANCE),
      );
    });
  });

  it('answers requests at once whose texts are of unequal lengths, each with its own, where calls are joined', async () => {
    await withService([...TINY_FLAGS, ...triton(protocol), '--max_batch_delay_ms=50'], async (service) => {
      const answers = await Promise.all(
        [...tiny, ...tiny, ...tiny].map(async ({ text, scores }) => ({
          given: await predictions(service, [text]),
          scores,
        })),
      );
      for (const { given, scores } of answers) expectScores(given, [scores], TINY_TOLERANCE);
    });
  });

  (HAS_MINILM ? it : it.skip)(
    'answers short and long texts in one request as PyTorch does one by one, on MiniLM',
    async () => {
      await withService(['--model_name=text_classification', ...triton(protocol)], async (service) => {
        const given = await predictions(
          service,
          minilm.map(({ text }) => text),
        );
        expectScores(
          given,
          minilm.map(({ logits }) => softmax(logits)),
          TOLERANCE,
        );
      });
    },
  );
});

(HAS_MINILM ? describe : describe.skip)('the text_classification service on an embedded MiniLM', () => {
  let service: RunningService;
  beforeAll(async () => {
    service = await startService(['--model_name=text_classification']);
    await service.untilReady();
  });
  afterAll(() => service.stop());

  it('answers short and long texts in one request as PyTorch does one by one', async () => {
    const given = await predictions(
      service,
      minilm.map(({ text }) => text),
    );
    expectScores(
      given,
      minilm.map(({ logits }) => softmax(logits)),
      TOLERANCE,
    );
  });

  it('answers the bodies of KServe’s BERT clients over REST and gRPC', async () => {
    const data = Array.from('Bloomberg has reported on the economy', (char) => char.codePointAt(0));
    const input = { name: '4b7c7d4a-51e4-43c8-af61-04639f6ef4bc', shape: [37], datatype: 'INT64' };
    const { body } = await service.post('/v2/models/text_classification/infer', { inputs: [{ ...input, data }] });
    expect(body).toMatchObject({ outputs: [{ name: 'predict', datatype: 'BYTES', data: ['Business'] }, {}] });
    const { grpcPort } = await service.line(({ msg }) => msg === 'listening');
    const client = connectGrpc(`127.0.0.1:${Number(grpcPort)}`);
    try {
      const { response } = await client.call('ModelInfer', {
        model_name: 'text_classification',
        inputs: [{ ...input, contents: { int64_contents: data } }],
      });
      expect(response?.['outputs']).toMatchObject([{ contents: { bytes_contents: [Buffer.from('Business')] } }, {}]);
    } finally {
      client.close();
    }
  });

  it('loses its score sooner when the words that matter most are taken out than when others are', async () => {
    const texts = minilm.map(({ text }) => text).filter((text) => /^[\x20-\x7e]{40,130}$/.test(text));
    const { body } = await service.post(EXPLAIN, { instances: texts });
    const { explanations } = body as { explanations: Explanation[] };
    const variants = explanations.flatMap(({ words, importances }) => {
      const order = words.map((_, i) => i).sort((a, b) => (importances[b] ?? 0) - (importances[a] ?? 0));
      const middle = order.slice(Math.floor(order.length / 2) - 1, Math.floor(order.length / 2) + 2);
      return [order.slice(0, 3), middle].map((hidden) => words.filter((_, i) => !hidden.includes(i)).join(' '));
    });
    const given = await predictions(service, variants);
    const mean = (offset: number) =>
      explanations.reduce(
        (sum, { label }, i) => sum + (given[2 * i + offset]?.scores[label] ?? NaN) / explanations.length,
        0,
      );
    expect(texts.length).toBeGreaterThan(10);
    // Taken out: the three words that matter most, and three of the middle.
    expect(mean(0)).toBeLessThan(mean(1) - 0.2);
  });
});
