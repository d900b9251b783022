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

describe("createReadiness() with a policy other than the chain's", () => {
  const lateChain = { missingModels: () => Promise.resolve(['face_eye']) };
  /** A predictor on which these models are ready. */
  const having = (...ready: string[]) => {
    const asked: string[] = [];
    const predictor = {
      isServerReady: () => Promise.resolve(true),
      isModelReady: async (model: unknown) => {
        asked.push(String(model));
        return ready.includes(String(model));
      },
    };
    return { predictor, asked };
  };

  it('is ready when certain models are, whatever the chain lacks', async () => {
    const { predictor, asked } = having('a', 'b', 'c');
    const policy = { models: ['a', 'b'], predictor };
    const readiness = createReadiness({ modelName: 'm', transformer: lateChain, policy, logger });
    expect(await readiness.check()).toEqual({ ready: true, reason: '' });
    expect(asked).toEqual(['a', 'b']);
  });

  it('is not ready when one of them is not, whatever the chain has', async () => {
    const policy = { models: ['a', 'b', 'c'], predictor: having('b').predictor };
    const transformer = { missingModels: () => Promise.resolve([]) };
    expect(await createReadiness({ modelName: 'm', transformer, policy, logger }).check()).toEqual({
      ready: false,
      reason: 'the predictor has not ready: a, c',
    });
  });

  it('is not ready when they cannot be asked for', async () => {
    const tooLong = () => Promise.reject(new ServiceError('deadline_exceeded', 'it took too long'));
    const predictor = { isModelReady: tooLong, isServerReady: tooLong };
    const policy = { models: ['a'], predictor };
    expect(await createReadiness({ modelName: 'm', transformer: lateChain, policy, logger }).check()).toEqual({
      ready: false,
      reason: 'it took too long',
    });
  });

  it('has its transformer find the chain all the same', async () => {
    let questions = 0;
    const transformer = { missingModels: () => Promise.resolve((questions++, ['late'])) };
    const policy = { models: ['a'], predictor: having('a').predictor };
    await createReadiness({ modelName: 'm', transformer, policy, logger }).check();
    expect(questions).toBe(1);
  });

  it('is ready at once with none, and goes on looking for the chain', async () => {
    let questions = 0;
    let asked: () => void = () => undefined;
    const askedTwice = new Promise<void>((resolve) => (asked = resolve));
    const missingModels = () => {
      questions += 1;
      if (questions === 2) asked();
      return Promise.reject(new ServiceError('unavailable', 'no predictor'));
    };
    const readiness = createReadiness({ modelName: 'm', transformer: { missingModels }, policy: 'none', logger });
    expect(await readiness.check()).toEqual({ ready: true, reason: '' });
    expect(questions).toBe(0);
    const stop = readiness.watch();
    await askedTwice;
    stop();
  });

  it('is not undone by a transformer that fails unforeseen', async () => {
    const transformer = {
      missingModels: () => {
        throw new TypeError('not even a promise');
      },
    };
    const readiness = createReadiness({ modelName: 'm', transformer, logger });
    expect(await readiness.check()).toEqual({ ready: false, reason: 'the readiness check failed' });
  });
});
