import { ServiceError } from '../../../src/errors.js';
import { MIN_ROWS } from '../../../src/transformers/mnist/shapley.js';
import { inputOf, serveMnist } from '../../helpers/served-mnist.js';

const SIDE = 28;
const SIZE = SIDE * SIDE;

/** A stroke of two blocks' width, from row 4 to row 23. */
const STROKE = Array.from({ length: SIDE }, (_, y) =>
  Array.from({ length: SIDE }, (_, x) => (y >= 4 && y < 24 && x >= 12 && x < 16 ? 1 : 0)),
);

const isInk = (value: number | undefined) => (value ?? 0) > 0;

/** Sure of a 4 as far as there is ink in the rows 10 and 11; of a 1 otherwise, as far as there is any. */
function logitsOf(item: Float32Array): number[] {
  const wanted = item.subarray(10 * SIDE, 12 * SIDE).filter(isInk).length;
  const ink = item.filter(isInk).length;
  return Array.from({ length: 10 }, (_, digit) => (digit === 4 ? wanted : digit === 1 ? ink / 100 : 0));
}

const serve = (changes: Parameters<typeof serveMnist>[0] = {}) => serveMnist({ logitsOf, ...changes });

const rowSums = ([map]: unknown[]) =>
  (map as number[][][])[0]?.map((row) => row.reduce((sum, value) => sum + value, 0));

describe('mnist’s explanations', () => {
  it('say which pixels spoke for the digit that was predicted', async () => {
    const { predict, explain } = serve();
    expect(await predict([STROKE])).toEqual([4]);
    const explained = await explain([STROKE]);
    const sums = rowSums(explained) ?? [];
    expect(explained).toHaveLength(1);
    expect((explained[0] as number[][][]).map((plane) => plane.map((row) => row.length))).toEqual([
      new Array<number>(SIDE).fill(SIDE),
    ]);
    expect(sums[10]).toBeGreaterThan(0.3);
    expect(sums[11]).toBeGreaterThan(0.3);
    sums.forEach((sum, row) => {
      if (row !== 10 && row !== 11) expect(Math.abs(sum)).toBeLessThan(0.02);
    });
  });

  it('add up to the probability, against that of a picture without ink', async () => {
    const softmaxOf4 = (logits: number[]) =>
      Math.exp(logits[4] ?? 0) / logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    const whole = softmaxOf4(logitsOf(Float32Array.from(STROKE.flat())));
    const sums = rowSums(await serve().explain([STROKE])) ?? [];
    expect(sums.reduce((sum, value) => sum + value, 0)).toBeCloseTo(whole - 0.1, 4);
  });

  it('ask about no more variants than they may, in full batches, and about nothing else', async () => {
    const { explain, calls } = serve({ options: { mnist_explain_samples: 600 } });
    await explain([STROKE]);
    const sizes = calls.map((call) => inputOf(call).shape[0] ?? 0);
    const [first, ...variants] = sizes;
    // 20 blocks: 15 pairs of orders of 19 rows, and the whole and the empty digit.
    expect(first).toBe(1);
    expect(variants.reduce((sum, size) => sum + size, 0)).toBe(572);
    expect(Math.max(...variants)).toBeLessThanOrEqual(64);
    expect(variants).toHaveLength(9);
    const input = [...inputOf(calls[0]).data];
    const black = input[0];
    for (const call of calls.slice(1)) {
      expect(inputOf(call).data.every((value, i) => value === black || value === input[i % SIZE])).toBe(true);
    }
  });

  it('are the same for a picture wherever it stands, and another for another seed', async () => {
    const crooked = STROKE.map((row, y) => row.map((value, x) => (value * ((x + y) % 5)) / 5));
    const noisy = (item: Float32Array) =>
      logitsOf(item).map((logit, i) => logit + Math.sin(item.reduce((a, b) => a + b) * i));
    const explain = (instances: unknown[], seed: number) =>
      serve({ logitsOf: noisy, options: { mnist_explain_seed: seed, mnist_explain_samples: MIN_ROWS } }).explain(
        instances,
      );
    const alone = await explain([crooked], 3);
    expect((await explain([STROKE, crooked], 3))[1]).toEqual(alone[0]);
    expect(await explain([crooked], 3)).toEqual(alone);
    expect(await explain([crooked], 4)).not.toEqual(alone);
  });

  it('are nothing for a picture without ink, about which nothing more is asked', async () => {
    const { explain, calls } = serve();
    const blank = STROKE.map((row) => row.map(() => 0));
    expect(await explain([blank])).toEqual([[blank]]);
    expect(calls).toHaveLength(1);
  });

  it('keep a bad item’s error in its place', async () => {
    const [first, second, third] = await serve().explain(['AAAA', STROKE, 7]);
    expect(first).toEqual({
      error: { code: 'unprocessable', message: expect.stringMatching(/^instances\[0\]: not a picture/) },
    });
    expect(rowSums([second])?.[10]).toBeGreaterThan(0.3);
    expect(third).toEqual({ error: { code: 'invalid_argument', message: expect.any(String) } });
  });

  it('end with the request’s time', async () => {
    const over = new AbortController();
    let asked = 0;
    const { explain, calls } = serve({
      logitsOf: (item) => {
        if (++asked === 200) over.abort(new ServiceError('deadline_exceeded', 'too late'));
        return logitsOf(item);
      },
      options: { mnist_explain_samples: 65_536 },
    });
    await expect(explain([STROKE, STROKE], over.signal)).rejects.toMatchObject({ code: 'deadline_exceeded' });
    expect(calls.length).toBeLessThan(12);
  });
});
