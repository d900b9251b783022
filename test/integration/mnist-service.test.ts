import { goldenDigits, heldOutDigits } from '../helpers/golden-mnist.js';
import { startService } from '../helpers/start-service.js';
import { tritonAddress } from './real-triton.js';
import { runPython } from './run-python.js';
import { serve, type Serving } from './serving/serve.js';

const { samples } = goldenDigits();
const INSTANCES = samples.map(({ bytes }) => bytes.toString('base64'));
const DIGITS = samples.map(({ digit }) => digit);

/** How far attributions, parts of a probability, may be from one predictor to the other. */
const TOLERANCE = 1e-3;

/** What a client found in an output. */
interface Found {
  readonly datatype: string;
  readonly shape?: readonly number[];
  readonly values: readonly number[];
}

type Maps = readonly number[][][][];

/** Predictions for the samples and for a batch of 120, and the explanations of three of them. */
async function askAll(flags: readonly string[]) {
  const service = await startService(['--model_name=mnist', ...flags]);
  try {
    await service.untilReady();
    const predict = (instances: readonly string[]) => service.post('/v1/models/mnist:predict', { instances });
    const one = await predict(INSTANCES);
    const many = await predict(Array.from({ length: 12 }, () => INSTANCES).flat());
    const explained = await service.post('/v1/models/mnist:explain', { instances: INSTANCES.slice(0, 3) });
    expect([one.status, many.status, explained.status]).toEqual([200, 200, 200]);
    return {
      one: (one.body as { predictions: number[] }).predictions,
      many: (many.body as { predictions: number[] }).predictions,
      maps: (explained.body as { explanations: Maps }).explanations,
    };
  } finally {
    await service.stop();
  }
}

describe('the mnist service over a real Triton', () => {
  let embedded: Maps;
  beforeAll(async () => {
    embedded = (await askAll([])).maps;
  });

  it.each(['http', 'grpc'] as const)('answers and explains by %s as over embedded models', async (protocol) => {
    const { one, many, maps } = await askAll([
      `--predictor_host=${tritonAddress(protocol)}`,
      `--predictor_protocol=${protocol === 'http' ? 'v2' : 'grpc-v2'}`,
    ]);
    expect(one).toEqual(DIGITS);
    expect(many).toEqual(Array.from({ length: 12 }, () => DIGITS).flat());
    const [own, theirs] = [maps.flat(3), embedded.flat(3)];
    expect(own).toHaveLength(3 * 28 * 28);
    expect(Math.max(...theirs)).toBeGreaterThan(0.01);
    own.forEach((share, i) => expect(Math.abs(share - (theirs[i] ?? NaN))).toBeLessThanOrEqual(TOLERANCE));
  });
});

describe('the official clients of KServe and Triton', () => {
  let service: Serving;
  beforeAll(async () => {
    service = await serve(['--model_name=mnist']);
  });
  afterAll(() => service.stop());

  it.each([
    ['triton', ['http', 'grpc']],
    ['kserve', ['rest_json', 'rest_binary', 'grpc']],
  ])('%s’s sends digits as numbers, and finds which they are', async (client, ways) => {
    const chosen = (await heldOutDigits()).filter((_, i) => i % 10 === 3);
    const values = Float32Array.from(chosen.flatMap(({ grey }) => [...grey]).map((value) => value / 255));
    const labels = chosen.map(({ label }) => label);
    const shape = [chosen.length, 28, 28];
    const job = { client, ...service.address, shape, digits: Buffer.from(values.buffer).toString('base64') };
    const found = (await runPython('mnist_clients.py', job, 'clients')) as Record<string, Found>;
    for (const way of ways) expect([way, found[way]]).toEqual([way, { datatype: 'int64', values: labels }]);
    if (client !== 'kserve') return;
    const { explain } = found;
    expect([explain?.datatype, explain?.shape]).toEqual(['float64', shape]);
    expect(Math.max(...(explain?.values ?? []))).toBeGreaterThan(0.01);
  });
});
