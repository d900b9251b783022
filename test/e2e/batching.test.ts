import sharp from 'sharp';
import { type FakeModel, TritonError } from '../helpers/fake-models.js';
import { type FakeTriton, startFakeTriton } from '../helpers/fake-triton.js';
import { connectGrpc, type GrpcClient } from '../helpers/grpc-client.js';
import { createGate } from '../helpers/score-model.js';
import { type RunningService, startService } from '../helpers/start-service.js';

const BATCH = 6;
const ROW_BYTES = 3 * 32 * 32 * 4;

/** Far longer than the test: batches go because they are full, or because nothing else is under way. */
const DELAY_FLAGS = ['--max_batch_delay_ms', '1000'];

/** What the model refuses: a white picture. */
const WHITE = 255;

/** Answers each picture's logits, which are its first ten values; waits at the gate. */
function cifar10Model(enter: () => Promise<void>): FakeModel {
  return {
    maxBatchSize: BATCH,
    isReady: true,
    input: { name: 'INPUT__0', datatype: 'FP32', dims: [3, 32, 32] },
    outputs: [{ name: 'OUTPUT__0', datatype: 'FP32', dims: [10] }],
    run: async ({ shape: [count = 0], bytes }) => {
      await enter();
      const rows = Array.from({ length: count }, (_, row) => bytes.subarray(row * ROW_BYTES, row * ROW_BYTES + 40));
      if (rows.some((row) => row.readFloatLE(0) >= 0.999)) throw new TritonError('INTERNAL', 'a picture is too bright');
      return [{ name: 'OUTPUT__0', datatype: 'FP32', shape: [count, 10], bytes: Buffer.concat(rows) }];
    },
  };
}

/** A plain picture, in base64. */
async function plain(value: number): Promise<string> {
  const background = { r: value, g: value, b: value };
  const png = await sharp({ create: { width: 32, height: 32, channels: 3, background } })
    .png()
    .toBuffer();
  return png.toString('base64');
}

interface Outcome {
  readonly isOk: boolean;
  readonly text: string;
}

/** Asks for one picture, on one of the service's protocols. */
type Ask = (picture: string, headers?: Record<string, string>) => Promise<Outcome>;

describe.each(['http', 'grpc'] as const)('a service that joins calls, over %s to its predictor', (upstream) => {
  let triton: FakeTriton;
  let service: RunningService;
  let grpc: GrpcClient;
  let gate: ReturnType<typeof createGate>;
  beforeEach(async () => {
    gate = createGate();
    triton = await startFakeTriton();
    triton.models.set(
      'cifar10',
      cifar10Model(() => gate.enter()),
    );
    const address = upstream === 'http' ? triton.httpAddress : triton.grpcAddress;
    service = await startService(['--model_name', 'cifar10', '--predictor_host', address, ...DELAY_FLAGS]);
    await service.untilReady();
    const listening = await service.line(({ msg }) => msg === 'listening');
    grpc = connectGrpc(`127.0.0.1:${String(listening['grpcPort'])}`);
  });
  afterEach(async () => {
    gate.open();
    grpc.close();
    await service.kill();
    await triton.close();
  });

  const post = async (path: string, body: object, headers?: Record<string, string>): Promise<Outcome> => {
    const answer = await service.post(path, body, headers);
    return { isOk: answer.status === 200, text: JSON.stringify(answer.body) };
  };
  const asks: Record<'v1' | 'v2' | 'grpc', Ask> = {
    v1: (picture, headers) => post('/v1/models/cifar10:predict', { instances: [picture] }, headers),
    v2: (picture, headers) => {
      const input = { name: 'image', datatype: 'BYTES', shape: [1], data: [picture] };
      return post('/v2/models/cifar10/infer', { id: 'r', inputs: [input] }, headers);
    },
    grpc: async (picture, headers = {}) => {
      const input = { name: 'image', datatype: 'BYTES', shape: [1] };
      const contents = { bytes_contents: [Buffer.from(picture, 'base64')] };
      const request = { model_name: 'cifar10', inputs: [{ ...input, contents }] };
      const { status, message, response } = await grpc.call('ModelInfer', request, { headers });
      return { isOk: status === 'OK', text: `${message}${JSON.stringify(response)}` };
    },
  };
  const sizes = () => triton.seen.map(({ inputs }) => inputs[0]?.shape[0]);

  /** Asks for pictures while another call is under way, until the last fills the batch. */
  const together = async (ask: Ask, pictures: readonly string[], headers: readonly Record<string, string>[] = []) => {
    const ahead = ask(await plain(1));
    await gate.holds(1);
    const answers = pictures.map((picture, index) => ask(picture, headers[index]));
    await gate.holds(2);
    expect(sizes()).toEqual([1, BATCH]);
    return { ahead, answers };
  };

  it.each(['v1', 'v2', 'grpc'] as const)('answers requests of one picture by one call, on %s', async (protocol) => {
    const ask = asks[protocol];
    const pictures = await Promise.all([10, 20, 30, 40, 50, 60].map(plain));
    const { ahead, answers } = await together(ask, pictures);
    gate.open();
    const outcomes = await Promise.all(answers);
    expect((await ahead).isOk).toBe(true);
    expect(outcomes.map(({ isOk }) => isOk)).toEqual(pictures.map(() => true));
    expect(new Set(outcomes.map(({ text }) => text)).size).toBe(BATCH);
    // One after the other, each call has one row.
    const alone: Outcome[] = [];
    for (const picture of pictures) alone.push(await ask(picture));
    expect(sizes()).toEqual([1, BATCH, ...pictures.map(() => 1)]);
    expect(outcomes).toEqual(alone);
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toContain(`predictor_batch_requests_sum{model="cifar10"} ${2 * BATCH + 1}`);
    expect(metrics).toContain(`predictor_batch_requests_count{model="cifar10"} ${BATCH + 2}`);
  });

  it.each(['v1', 'v2', 'grpc'] as const)('has one request alone hear of its bad picture, on %s', async (protocol) => {
    const pictures = await Promise.all([10, 20, WHITE, 40, 50, 60].map(plain));
    const { answers } = await together(asks[protocol], pictures);
    gate.open();
    const outcomes = await Promise.all(answers);
    expect(outcomes.map(({ isOk }) => isOk)).toEqual([true, true, false, true, true, true]);
    expect(outcomes[2]?.text).toContain('a picture is too bright');
    expect(sizes()).toEqual([1, BATCH, ...pictures.map(() => 1)]);
  });

  it.each(['v1', 'v2', 'grpc'] as const)(
    'has one request alone be late for its time limit, on %s',
    async (protocol) => {
      const pictures = await Promise.all([10, 20, 30, 40, 50, 60].map(plain));
      const impatient = { 'x-request-timeout-ms': '2000' };
      const { answers } = await together(asks[protocol], pictures, [impatient]);
      expect(await answers[0]).toMatchObject({
        isOk: false,
        text: expect.stringMatching(/took longer than its limit of \d+ ms/),
      });
      gate.open();
      const outcomes = await Promise.all(answers.slice(1));
      expect(outcomes.every(({ isOk }) => isOk)).toBe(true);
      expect(sizes()).toEqual([1, BATCH]);
    },
  );
});

describe('a passthrough service that joins calls', () => {
  it('gives each request its own rows of the tensors', async () => {
    const triton = await startFakeTriton();
    const service = await startService([
      ...['--model_name', 'tensors', '--transformer', 'passthrough', '--predictor_model_name', 'slow'],
      ...['--predictor_host', triton.grpcAddress, ...DELAY_FLAGS],
    ]);
    try {
      await service.untilReady();
      const ask = async (value: number) => {
        const input = { name: 'input', datatype: 'FP32', shape: [1, 4], data: [value, 0.5, 0, -value] };
        const { body } = await service.post('/v2/models/tensors/infer', { id: `r-${value}`, inputs: [input] });
        return body;
      };
      const ahead = ask(0);
      await triton.slow.holds(1);
      const values = [1, 2, 3, 4, 5, 6, 7, 8];
      const answers = values.map(ask);
      await triton.slow.holds(2);
      triton.slow.release();
      await ahead;
      expect(await Promise.all(answers)).toMatchObject(
        values.map((value) => ({
          id: `r-${value}`,
          model_name: 'tensors',
          outputs: [{ name: 'output', datatype: 'FP32', shape: [1, 4], data: [value, 0.5, 0, -value] }],
        })),
      );
      expect(triton.seen.map(({ inputs, id }) => [inputs[0]?.shape[0], id])).toEqual([
        [1, 'r-0'],
        [8, ''],
      ]);
    } finally {
      await service.kill();
      await triton.close();
    }
  });
});
