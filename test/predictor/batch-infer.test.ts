import fc from 'fast-check';
import { ServiceError } from '../../src/errors.js';
import { type BatchJob, inferInBatches, inferRanges } from '../../src/predictor/batch-infer.js';
import type { InferRequest, ModelInfo, Predictor } from '../../src/predictor/predictor.js';
import { type AnyTensor, float32Tensor } from '../../src/tensor.js';
import { serviceErrorOf } from '../helpers/service-error-of.js';
import { createWaitingRoom } from '../helpers/waiting-room.js';

const ITEM_BYTES = 8;

/** Item i is the row [i, -i]. */
const build = (from: number, to: number) =>
  Promise.resolve(
    float32Tensor(
      [to - from, 2],
      Float32Array.from({ length: (to - from) * 2 }, (_, i) => row(from, i)),
    ),
  );
const row = (from: number, i: number) => (i % 2 === 0 ? 1 : -1) * (from + Math.floor(i / 2));

const job = (itemCount: number, changes: Partial<BatchJob> = {}): BatchJob => ({
  model: 'rows',
  input: 'input',
  outputs: ['output'],
  itemCount,
  itemBytes: ITEM_BYTES,
  build,
  ...changes,
});

/** A predictor whose answer is its input, and which keeps the sizes of its batches. */
function rowsPredictor(
  maxBatchSize: number,
  answer: (request: InferRequest, tensor: AnyTensor, signal?: AbortSignal) => Promise<AnyTensor> = (_, tensor) =>
    Promise.resolve(tensor),
) {
  const sizes: number[] = [];
  const info: ModelInfo = { name: 'rows', inputs: [], outputs: [], maxBatchSize, versions: [], platform: '' };
  const predictor: Pick<Predictor, 'infer' | 'modelInfo'> = {
    modelInfo: () => Promise.resolve(info),
    infer: async (request, { signal } = {}) => {
      const tensor = request.inputs.get('input');
      if (tensor === undefined) throw new Error('no input');
      sizes.push(tensor.shape[0] ?? 0);
      return { outputs: new Map([['output', await answer(request, tensor, signal)]]) };
    },
  };
  return { predictor, sizes };
}

const unlimited = { maxBodyBytes: Infinity };

describe('inferInBatches()', () => {
  it.each([
    [1, 8, [1]],
    [8, 8, [8]],
    [9, 8, [5, 4]],
    [17, 8, [6, 6, 5]],
    [3, 0, [1, 1, 1]],
    [3, 1, [1, 1, 1]],
    [100, Infinity, [100]],
  ])('splits %d items with a greatest batch of %d into %j', async (count, maxBatchSize, expected) => {
    const { predictor, sizes } = rowsPredictor(maxBatchSize);
    const outputs = await inferInBatches(predictor, job(count), unlimited);
    expect(sizes).toEqual(expected);
    expect(outputs.get('output')).toEqual(await build(0, count));
  });

  it('keeps batches within the limit of bytes', async () => {
    const { predictor, sizes } = rowsPredictor(8);
    await inferInBatches(predictor, job(7), { maxBodyBytes: 3 * ITEM_BYTES + 1 });
    expect(sizes).toEqual([3, 2, 2]);
  });

  it('gives results in order for any count, size and order of answers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(40), fc.nat(9), fc.scheduler(), async (count, maxBatchSize, scheduler) => {
        const { predictor, sizes } = rowsPredictor(maxBatchSize, (_, tensor) =>
          scheduler.schedule(Promise.resolve(tensor)),
        );
        const result = inferInBatches(predictor, job(count), unlimited);
        const outputs = await scheduler.waitFor(result);
        expect(Math.max(0, ...sizes) - Math.min(...sizes, Infinity)).toBeLessThanOrEqual(1);
        if (count > 0) expect(outputs.get('output')).toEqual(await build(0, count));
      }),
      { numRuns: 50 },
    );
  });

  it('does not copy the answer of a single batch', async () => {
    const answered = await build(0, 4);
    const { predictor } = rowsPredictor(8, () => Promise.resolve(answered));
    expect((await inferInBatches(predictor, job(4), unlimited)).get('output')).toBe(answered);
  });

  it.each<[string, (count: number) => AnyTensor]>([
    ['INT64', (count) => ({ datatype: 'INT64', shape: [count], data: new BigInt64Array(count).fill(7n) })],
    [
      'BYTES',
      (count) => ({ datatype: 'BYTES', shape: [count], data: Array.from({ length: count }, () => Buffer.of(7)) }),
    ],
  ])('joins answers of %s', async (_, answer) => {
    const { predictor } = rowsPredictor(2, (__, { shape }) => Promise.resolve(answer(shape[0] ?? 0)));
    expect((await inferInBatches(predictor, job(5), unlimited)).get('output')).toEqual(answer(5));
  });

  it('calls nothing for no item, and gives an empty map', async () => {
    const { predictor, sizes } = rowsPredictor(8);
    expect(await inferInBatches(predictor, job(0), unlimited)).toEqual(new Map());
    expect(sizes).toEqual([]);
  });

  it('has no more than four batches at once, built or under way', async () => {
    const room = createWaitingRoom();
    let built = 0;
    const { predictor } = rowsPredictor(1, async (_, tensor) => {
      await room.enter();
      return tensor;
    });
    const countingBuild = (from: number, to: number) => {
      built++;
      return build(from, to);
    };
    const result = inferInBatches(predictor, job(8, { build: countingBuild }), unlimited);
    await room.holds(4);
    expect(built).toBe(4);
    room.release();
    await room.holds(4);
    expect(built).toBe(8);
    room.release();
    expect((await result).get('output')?.shape).toEqual([8, 2]);
  });

  it('throws the first failure, and cancels the other batches', async () => {
    const failure = new ServiceError('upstream_error', 'no');
    const reasons: unknown[] = [];
    const { predictor, sizes } = rowsPredictor(1, (_, tensor, signal) => {
      if ((tensor.data as Float32Array)[0] === 2) return Promise.reject(failure);
      return new Promise((__, reject) => {
        signal?.addEventListener('abort', () => {
          reasons.push(signal.reason);
          reject(failure);
        });
      });
    });
    expect(await serviceErrorOf(inferInBatches(predictor, job(20), unlimited))).toBe(failure);
    expect(reasons).toEqual([failure, failure, failure]);
    expect(sizes).toHaveLength(4);
  });

  it('passes the signal and the headers of the call on', async () => {
    const controller = new AbortController();
    const room = createWaitingRoom();
    const seen: unknown[] = [];
    const predictor: Pick<Predictor, 'infer' | 'modelInfo'> = {
      ...rowsPredictor(8).predictor,
      infer: (_, { signal, headers } = {}) => {
        seen.push(headers);
        void room.enter();
        return new Promise((__, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error));
        });
      },
    };
    const call = { signal: controller.signal, headers: { 'x-request-id': 'r-1' } };
    const result = serviceErrorOf(inferInBatches(predictor, job(2), { ...unlimited, call }));
    await room.holds(1);
    const reason = new ServiceError('cancelled', 'The caller left');
    controller.abort(reason);
    expect(await result).toBe(reason);
    expect(seen).toEqual([{ 'x-request-id': 'r-1' }]);
  });

  it('refuses an item that is larger than the limit of bytes', async () => {
    const { predictor } = rowsPredictor(8);
    expect(await serviceErrorOf(inferInBatches(predictor, job(1), { maxBodyBytes: 7 }))).toMatchObject({
      code: 'payload_too_large',
      message: 'One item for model rows takes 8 bytes; a call to the predictor holds at most 7',
    });
  });

  it.each([
    [[1, 2], 'output output has the shape [1,2] for 3 items'],
    [[], 'output output has the shape [] for 3 items'],
  ])('refuses an answer of shape %j for three items', async (shape, problem) => {
    const answer = float32Tensor(shape, new Float32Array(shape.length === 0 ? 1 : 2));
    const { predictor } = rowsPredictor(8, () => Promise.resolve(answer));
    expect(await serviceErrorOf(inferInBatches(predictor, job(3), unlimited))).toMatchObject({
      code: 'upstream_error',
      message: `The predictor's answer for model rows is not valid: ${problem}`,
    });
  });

  it('refuses answers that do not fit together', async () => {
    const { predictor, sizes } = rowsPredictor(1, () =>
      Promise.resolve(float32Tensor([1, sizes.length], new Float32Array(sizes.length))),
    );
    const error = await serviceErrorOf(inferInBatches(predictor, job(2), unlimited));
    expect(error.code).toBe('upstream_error');
    expect(error.message).toContain("The predictor's answers for model rows, output output do not fit together");
  });
});

describe('inferRanges()', () => {
  it('makes a call of each range, of all its inputs, and joins the answers in their order', async () => {
    const received: string[] = [];
    const { predictor } = rowsPredictor(8, async (request, tensor) => {
      received.push([...request.inputs].map(([name, { shape }]) => `${name} ${shape.join('x')}`).join());
      return tensor;
    });
    const twoInputs = async (from: number, to: number) => {
      const tensor = await build(from, to);
      return new Map([
        ['input', tensor],
        ['mask', tensor],
      ]);
    };
    const ranges = [
      [0, 3],
      [3, 4],
    ] as const;
    const outputs = await inferRanges(predictor, { model: 'rows', outputs: ['output'], ranges, build: twoInputs });
    expect(received).toEqual(['input 3x2,mask 3x2', 'input 1x2,mask 1x2']);
    expect(outputs.get('output')).toEqual(await build(0, 4));
  });

  it('calls nothing where there are no ranges', async () => {
    const { predictor, sizes } = rowsPredictor(8);
    const noInputs = () => Promise.resolve(new Map<string, AnyTensor>());
    expect(await inferRanges(predictor, { model: 'rows', outputs: ['output'], ranges: [], build: noInputs })).toEqual(
      new Map(),
    );
    expect(sizes).toEqual([]);
  });
});
