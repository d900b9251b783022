import { setMaxListeners } from 'node:events';
import type { Predictor } from '../../src/predictor/predictor.js';
import { type AnyTensor, float32Tensor } from '../../src/tensor.js';
import { serviceErrorOf } from '../helpers/service-error-of.js';

/** The concurrency with which a setup makes its predictor. */
export const CONTRACT_CONCURRENCY = 16;

/** A predictor to be tested, and what its other side can show. */
export interface PredictorSetup {
  /**
   * Knows the models of test/fixtures/models/, makes at most CONTRACT_CONCURRENCY calls at once, and takes seconds
   * rather than minutes to give up.
   */
  readonly predictor: Predictor;
  /** What it says that runs its models; undefined for V1, which says nothing of models, inputs and versions. */
  readonly platform: string | undefined;
  /** The most inference calls that were worked on at once, where that can be seen. */
  readonly mostInFlight?: () => number;
  /** A model like `identity` that waits until it is released, where there is one. */
  readonly slow?: {
    readonly model: string;
    /** Resolves when that many calls wait. */
    readonly holds: (count: number) => Promise<void>;
    readonly release: () => void;
  };
  /** Ends what the setup started; the predictor may be closed already. */
  readonly stop: () => Promise<void>;
}

/** Rows of four numbers: row r is [4r, 4r+1, 4r+2, 4r+3], plus `from`. */
function rows(count: number, from = 0): AnyTensor {
  return float32Tensor(
    [count, 4],
    Float32Array.from({ length: count * 4 }, (_, i) => from + i),
  );
}

const inputs = (tensor: AnyTensor) => new Map([['input', tensor]]);

/** The contract of Predictor as a suite, for every implementation. */
export function describePredictor(name: string, start: () => Promise<PredictorSetup>): void {
  describe(`${name} as a Predictor`, () => {
    let setup: PredictorSetup;
    let predictor: Predictor;
    beforeAll(async () => {
      setup = await start();
      predictor = setup.predictor;
    });
    afterAll(async () => {
      await predictor.close();
      await setup.stop();
    });

    describe('infer()', () => {
      it('gives the values and the shape of a batch', async () => {
        const { outputs } = await predictor.infer({ model: 'identity', inputs: inputs(rows(3)) });
        expect(outputs).toEqual(new Map([['output', rows(3)]]));
      });

      it('takes a batch of one and of the greatest size', async () => {
        for (const size of [1, 8]) {
          const { outputs } = await predictor.infer({ model: 'identity', inputs: inputs(rows(size)) });
          expect(outputs.get('output')).toEqual(rows(size));
        }
      });

      it('gives every output when none is named', async () => {
        const { outputs } = await predictor.infer({ model: 'two_outputs', inputs: inputs(rows(1)) });
        expect([...outputs.keys()].sort()).toEqual(['product', 'sum']);
        expect(outputs.get('sum')?.data).toEqual(Float32Array.of(1, 2, 3, 4));
        expect(outputs.get('product')?.data).toEqual(Float32Array.of(0, 2, 4, 6));
      });

      it.each([[['product']], [['product', 'sum']]])(
        'gives the outputs %j that are asked for, in that order',
        async (wanted) => {
          const { outputs } = await predictor.infer({ model: 'two_outputs', inputs: inputs(rows(2)), outputs: wanted });
          expect([...outputs.keys()]).toEqual(wanted);
        },
      );

      it('takes a version, and says which one has answered', async () => {
        if (setup.platform === undefined) return;
        const chosen = await predictor.infer({ model: 'identity', version: '1', inputs: inputs(rows(1)) });
        expect(chosen).toMatchObject({ version: '1', outputs: new Map([['output', rows(1)]]) });
        expect((await predictor.infer({ model: 'identity', inputs: inputs(rows(1)) })).version).toBe('1');
      });

      it('takes an id and parameters', async () => {
        const request = { model: 'identity', id: 'r-1', inputs: inputs(rows(1)), parameters: { tenant: 'north' } };
        expect((await predictor.infer(request)).outputs.get('output')).toEqual(rows(1));
      });

      it('matches results to their calls, and makes no more calls at once than its concurrency', async () => {
        const numbers = Array.from({ length: 500 }, (_, i) => i * 10);
        const answers = await Promise.all(
          numbers.map((from) => predictor.infer({ model: 'identity', inputs: inputs(rows(1, from)) })),
        );
        expect(answers.map(({ outputs }) => outputs.get('output')?.data[0])).toEqual(numbers);
        if (setup.mostInFlight === undefined) return;
        expect(setup.mostInFlight()).toBeLessThanOrEqual(CONTRACT_CONCURRENCY);
        expect(setup.mostInFlight()).toBeGreaterThan(1);
      });

      it('refuses an unknown model', async () => {
        const error = await serviceErrorOf(predictor.infer({ model: 'nobody', inputs: inputs(rows(1)) }));
        expect(['upstream_error', 'unavailable']).toContain(error.code);
        expect(error.message).toContain('nobody');
        expect(error.message).not.toMatch(/127\.0\.0\.1|localhost/);
      });

      it.each([
        ['an input of another shape', inputs(float32Tensor([1, 3], new Float32Array(3)))],
        ['more than the greatest batch', inputs(rows(9))],
      ])('refuses %s and names the model', async (_, wrong) => {
        const error = await serviceErrorOf(predictor.infer({ model: 'identity', inputs: wrong }));
        expect(error.code).toBe('upstream_error');
        expect(error.message).toContain('identity');
        expect(error.upstream?.text).toContain('identity');
      });

      it.each([
        ['an input of another name', new Map([['other', rows(1)]]), undefined],
        ['no input', new Map<string, AnyTensor>(), undefined],
        [
          'an input of another datatype',
          inputs({ datatype: 'INT64', shape: [1, 4], data: new BigInt64Array(4) }),
          undefined,
        ],
        ['an output that the model has not', inputs(rows(1)), ['missing']],
      ])('refuses %s and names the model', async (_, wrong, outputs) => {
        if (setup.platform === undefined) return;
        const request = { model: 'identity', inputs: wrong, ...(outputs && { outputs }) };
        const error = await serviceErrorOf(predictor.infer(request));
        expect(error.code).toBe('upstream_error');
        expect(error.message).toContain('identity');
        expect(error.upstream?.text).toContain('identity');
      });

      it('refuses a version that there is not, in its own words', async () => {
        const error = await serviceErrorOf(
          predictor.infer({ model: 'identity', version: '7', inputs: inputs(rows(1)) }),
        );
        expect(error).toMatchObject({ code: 'upstream_error', upstream: { status: 'NOT_FOUND' } });
        expect(error.upstream?.text).toMatch(/identity.*7/);
      });

      it('makes no call when its signal is aborted already', async () => {
        const signal = AbortSignal.abort();
        const error = await serviceErrorOf(predictor.infer({ model: 'identity', inputs: inputs(rows(1)) }, { signal }));
        expect(error.code).toBe('cancelled');
      });

      it('ends at once when its signal is aborted, and gives its place back', async () => {
        if (setup.slow === undefined) return;
        const { model, holds, release } = setup.slow;
        const controller = new AbortController();
        setMaxListeners(CONTRACT_CONCURRENCY, controller.signal);
        const calls = Array.from({ length: CONTRACT_CONCURRENCY }, () =>
          serviceErrorOf(predictor.infer({ model, inputs: inputs(rows(1)) }, { signal: controller.signal })),
        );
        await holds(CONTRACT_CONCURRENCY);
        controller.abort();
        expect(new Set((await Promise.all(calls)).map(({ code }) => code))).toEqual(new Set(['cancelled']));
        const { outputs } = await predictor.infer({ model: 'identity', inputs: inputs(rows(1)) });
        expect(outputs.size).toBe(1);
        release();
      });
    });

    describe('modelInfo()', () => {
      it('says what the model takes and gives', async () => {
        if (setup.platform === undefined) return;
        expect(await predictor.modelInfo('two_outputs')).toEqual({
          name: 'two_outputs',
          inputs: [{ name: 'input', datatype: 'FP32', shape: [-1, 4] }],
          outputs: [
            { name: 'sum', datatype: 'FP32', shape: [-1, 4] },
            { name: 'product', datatype: 'FP32', shape: [-1, 4] },
          ],
          maxBatchSize: 8,
          versions: ['1'],
          platform: setup.platform,
        });
      });

      it('says so of a certain version', async () => {
        if (setup.platform === undefined) return;
        const info = await predictor.modelInfo({ model: 'identity', version: '1' });
        expect(info).toMatchObject({ name: 'identity', versions: ['1'], maxBatchSize: 8 });
      });

      it('refuses an unknown version', async () => {
        const error = await serviceErrorOf(predictor.modelInfo({ model: 'identity', version: '7' }));
        expect(['upstream_error', 'unavailable']).toContain(error.code);
        expect(error.upstream?.text).toContain('7');
      });

      it('refuses an unknown model', async () => {
        const error = await serviceErrorOf(predictor.modelInfo('nobody'));
        expect(['upstream_error', 'unavailable']).toContain(error.code);
        expect(error.message).toContain('nobody');
      });

      it('ends at once when its signal is aborted already', async () => {
        const error = await serviceErrorOf(predictor.modelInfo('identity', { signal: AbortSignal.abort() }));
        expect(error.code).toBe('cancelled');
      });
    });

    describe('isModelReady(), isServerReady()', () => {
      it('says that the server and its models are ready', async () => {
        expect(await predictor.isServerReady()).toBe(true);
        expect(await predictor.isModelReady('identity')).toBe(true);
      });

      it('says that an unknown model is not ready', async () => {
        expect(await predictor.isModelReady('nobody')).toBe(false);
      });

      it('says of a version whether it is ready', async () => {
        expect(await predictor.isModelReady({ model: 'identity', version: '1' })).toBe(true);
        expect(await predictor.isModelReady({ model: 'identity', version: '7' })).toBe(false);
      });

      it("rejects with the signal's reason when nobody waits", async () => {
        const error = await serviceErrorOf(predictor.isModelReady('identity', { signal: AbortSignal.abort() }));
        expect(error.code).toBe('cancelled');
      });
    });
  });

  describe(`${name} as a Predictor that is closed`, () => {
    it('may be closed twice and answers no more', async () => {
      const { predictor, stop } = await start();
      try {
        await predictor.infer({ model: 'identity', inputs: inputs(rows(1)) });
        await predictor.modelInfo('identity');
        await predictor.close();
        await predictor.close();
        const error = await serviceErrorOf(predictor.infer({ model: 'identity', inputs: inputs(rows(1)) }));
        expect(error).toMatchObject({ code: 'unavailable', message: 'The predictor is closed' });
        expect((await serviceErrorOf(predictor.modelInfo('identity'))).code).toBe('unavailable');
        expect(await predictor.isServerReady()).toBe(false);
        expect(await predictor.isModelReady('identity')).toBe(false);
      } finally {
        await stop();
      }
    });

    it('fails the calls that are under way or wait', async () => {
      const { predictor, slow, stop } = await start();
      try {
        if (slow === undefined) return;
        const calls = Array.from({ length: CONTRACT_CONCURRENCY + 4 }, () =>
          serviceErrorOf(predictor.infer({ model: slow.model, inputs: inputs(rows(1)) })),
        );
        await slow.holds(CONTRACT_CONCURRENCY);
        await predictor.close();
        const codes = (await Promise.all(calls)).map(({ code }) => code);
        expect(codes).toEqual(Array.from({ length: CONTRACT_CONCURRENCY + 4 }, () => 'unavailable'));
      } finally {
        await predictor.close();
        await stop();
      }
    });
  });
}
