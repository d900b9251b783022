import type { InferRequest, Predictor } from '../../src/predictor/predictor.js';
import { type PredictorSettings, sharePredictors } from '../../src/predictor/shared-predictors.js';
import { serviceErrorOf } from '../helpers/service-error-of.js';

const SETTINGS: PredictorSettings = {
  host: 'triton:8001',
  protocol: undefined,
  useSsl: false,
  requestTimeoutMs: 30_000,
  retries: 0,
};
const REQUEST: InferRequest = { model: 'slow', inputs: new Map() };

/** Makes predictors whose calls end when they are aborted, and keeps what it made. */
function maker(failing?: string) {
  const made: { readonly settings: PredictorSettings; readonly predictor: Predictor; closed: number }[] = [];
  const create = async (settings: PredictorSettings): Promise<Predictor> => {
    if (settings.host === failing) throw new Error('a wrong address');
    const entry = {
      settings,
      closed: 0,
      predictor: {
        address: settings.host,
        infer: (_, { signal } = {}) =>
          new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error))),
        modelInfo: () => Promise.reject(new Error('not asked here')),
        isModelReady: async () => true,
        isServerReady: async () => true,
        close: async () => {
          entry.closed += 1;
        },
      } satisfies Predictor,
    };
    made.push(entry);
    return entry.predictor;
  };
  return { made, create };
}

describe('sharePredictors()', () => {
  it('makes one predictor for settings that say the same', async () => {
    const { made, create } = maker();
    const [one, same] = [{ ...SETTINGS }, { ...SETTINGS }];
    const predictors = await sharePredictors([one, same], create);
    expect(made).toHaveLength(1);
    expect(predictors.of(one)).toBe(predictors.of(same));
  });

  it.each([
    ['host', { host: 'other:8001' }],
    ['protocol', { protocol: 'v2' }],
    ['use of TLS', { useSsl: true }],
    ['time limit', { requestTimeoutMs: 1 }],
    ['retries', { retries: 1 }],
  ])('makes another for another %s', async (_, change) => {
    const { made, create } = maker();
    const other = { ...SETTINGS, ...change };
    const predictors = await sharePredictors([SETTINGS, other], create);
    expect(made).toHaveLength(2);
    for (const { settings, predictor } of made) expect(predictors.of(settings)).toBe(predictor);
  });

  it('makes one embedded predictor, and keeps the shorter limit of who has one', async () => {
    const { made, create } = maker();
    const patient = { ...SETTINGS, host: 'embedded' };
    const hasty = { ...patient, requestTimeoutMs: 5, retries: 3 };
    const predictors = await sharePredictors([hasty, patient], create);
    expect(made.map(({ settings }) => settings)).toEqual([patient]);
    expect(predictors.of(patient)).toBe(made[0]?.predictor);
    const error = await serviceErrorOf(predictors.of(hasty).infer(REQUEST));
    expect(error).toMatchObject({
      code: 'deadline_exceeded',
      message: 'The call to model slow took longer than its limit of 5 ms',
    });
    expect(predictors.of(hasty).address).toBe('embedded');
    const leaving = new AbortController();
    const call = predictors.of({ ...patient, requestTimeoutMs: 20_000 }).infer(REQUEST, { signal: leaving.signal });
    leaving.abort();
    expect((await serviceErrorOf(call)).code).toBe('cancelled');
  });

  it('closes each of them', async () => {
    const { made, create } = maker();
    const predictors = await sharePredictors([SETTINGS, SETTINGS, { ...SETTINGS, host: 'other' }], create);
    await predictors.close();
    expect(made.map(({ closed }) => closed)).toEqual([1, 1]);
  });

  it('closes what it has made when one cannot be made', async () => {
    const { made, create } = maker('wrong');
    const sharing = sharePredictors([SETTINGS, { ...SETTINGS, host: 'wrong' }], create);
    await expect(sharing).rejects.toThrow('a wrong address');
    expect(made.map(({ closed }) => closed)).toEqual([1]);
  });
});
