import { ServiceError } from '../../src/errors.js';
import { createReadiness } from '../../src/transformers/readiness.js';

const logger = { info: () => undefined, warn: () => undefined };

describe('createReadiness()', () => {
  it('asks once for callers at the same time and repeats a fresh answer', async () => {
    let questions = 0;
    const readiness = createReadiness({
      modelName: 'm',
      transformer: { missingModels: () => Promise.resolve((questions++, [])) },
      logger,
    });
    await Promise.all([readiness.check(), readiness.check()]);
    expect(await readiness.check()).toEqual({ ready: true, reason: '' });
    expect(questions).toBe(1);
  });

  it('says which models are missing', async () => {
    const transformer = { missingModels: () => Promise.resolve(['face_eye', 'face_pose']) };
    expect(await createReadiness({ modelName: 'm', transformer, logger }).check()).toEqual({
      ready: false,
      reason: 'the predictor has not ready: face_eye, face_pose',
    });
  });

  it.each([
    [new ServiceError('unavailable', 'the predictor cannot be reached'), 'the predictor cannot be reached'],
    [new TypeError('secret'), 'the readiness check failed'],
  ])('is not ready when the question fails with %s', async (error, reason) => {
    const transformer = { missingModels: () => Promise.reject(error) };
    expect(await createReadiness({ modelName: 'm', transformer, logger }).check()).toEqual({ ready: false, reason });
  });

  it('watches until it is ready, without being asked', async () => {
    let isThere = false;
    let becameReady: () => void = () => undefined;
    const ready = new Promise<void>((resolve) => (becameReady = resolve));
    const readiness = createReadiness({
      modelName: 'm',
      transformer: { missingModels: () => Promise.resolve(isThere ? [] : ['late']) },
      logger: { info: () => becameReady(), warn: () => (isThere = true) },
    });
    const stop = readiness.watch();
    await ready;
    stop();
    expect(await readiness.check()).toEqual({ ready: true, reason: '' });
  });
});
