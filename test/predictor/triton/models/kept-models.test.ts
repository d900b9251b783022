import { ServiceError } from '../../../../src/errors.js';
import { createKeptModels, type LoadModel } from '../../../../src/predictor/triton/models/kept-models.js';
import { describeModel, type ModelDescription } from '../../../../src/predictor/triton/models/model-description.js';
import { serviceErrorOf } from '../../../helpers/service-error-of.js';

const newDescription = (): ModelDescription =>
  describeModel('faces', { versions: ['1'], platform: '', inputs: [], outputs: [] }, undefined);

/** A load that counts how often it runs, and each time brings a description of its own. */
function countedLoad(): { load: LoadModel; count: () => number } {
  let count = 0;
  const load = () => {
    count += 1;
    return Promise.resolve(newDescription());
  };
  return { load, count: () => count };
}

describe('createKeptModels()', () => {
  it('loads once however many ask, and keeps what came', async () => {
    const models = createKeptModels();
    const { load, count } = countedLoad();
    const [first, second] = await Promise.all([models.get('faces', load), models.get({ model: 'faces' }, load)]);
    expect(second).toBe(first);
    expect(await models.get({ model: 'faces', version: '' }, load)).toBe(first);
    expect(count()).toBe(1);
  });

  it('keeps each version by itself, and forgets all of a model together', async () => {
    const models = createKeptModels();
    const { load, count } = countedLoad();
    const ask = () =>
      Promise.all([
        models.get('faces', load),
        models.get({ model: 'faces', version: '2' }, load),
        models.get('1', load),
      ]);
    const [newest, second, other] = await ask();
    expect(second).not.toBe(newest);
    models.forget('faces');
    const again = await ask();
    expect(again[0]).not.toBe(newest);
    expect(again[1]).not.toBe(second);
    expect(again[2]).toBe(other);
    expect(count()).toBe(5);
    models.forget();
    await ask();
    expect(count()).toBe(8);
  });

  it('loads anew what is older than asked for, and hands the newer to all', async () => {
    let now = 0;
    const models = createKeptModels({ now: () => now });
    const { load, count } = countedLoad();
    const first = await models.get('faces', load);
    now = 1000;
    expect(await models.get('faces', load, { maxAgeMs: 1000 })).toBe(first);
    now = 1001;
    const second = await models.get('faces', load, { maxAgeMs: 1000 });
    expect(second).not.toBe(first);
    expect(await models.get('faces', load)).toBe(second);
    expect(count()).toBe(2);
  });

  it('forgets no more than what is older than told', async () => {
    let now = 0;
    const models = createKeptModels({ now: () => now });
    const { load, count } = countedLoad();
    await models.get('faces', load);
    now = 999;
    models.forget('faces', { olderThanMs: 1000 });
    await models.get('faces', load);
    expect(count()).toBe(1);
    now = 1000;
    models.forget('faces', { olderThanMs: 1000 });
    await models.get('faces', load);
    expect(count()).toBe(2);
  });

  it("shares the predictor's failure with those who wait, and does not keep it", async () => {
    const models = createKeptModels();
    const { load, count } = countedLoad();
    const failure = new ServiceError('unavailable', 'The predictor cannot be reached');
    const outcomes = [models.get('faces', () => Promise.reject(failure)), models.get('faces', load)];
    for (const outcome of outcomes) expect(await serviceErrorOf(outcome)).toBe(failure);
    expect(count()).toBe(0);
    await models.get('faces', load);
    expect(count()).toBe(1);
  });

  it("does not share a failure that may be due to one caller's headers", async () => {
    const models = createKeptModels();
    const { load, count } = countedLoad();
    const failure = new ServiceError('upstream_error', 'Unauthorised');
    const failing = models.get('faces', () => Promise.reject(failure));
    const waiting = models.get('faces', load);
    expect(await serviceErrorOf(failing)).toBe(failure);
    expect(await models.get('faces', load)).toBe(await waiting);
    expect(count()).toBe(1);
  });

  it('does not keep what was asked for before it was forgotten', async () => {
    const models = createKeptModels();
    const old = newDescription();
    let answer: (description: ModelDescription) => void = () => undefined;
    const asked = models.get('faces', () => new Promise((resolve) => (answer = resolve)));
    models.forget('faces');
    const { load } = countedLoad();
    const fresh = await models.get('faces', load);
    answer(old);
    expect(await asked).toBe(old);
    expect(await models.get('faces', load)).toBe(fresh);
  });

  it('keeps what is newer than a load that fails', async () => {
    const models = createKeptModels();
    let fail: (error: ServiceError) => void = () => undefined;
    const asked = models.get('faces', () => new Promise((_, reject) => (fail = reject)));
    models.forget('faces');
    const { load, count } = countedLoad();
    await models.get('faces', load);
    fail(new ServiceError('unavailable', 'The predictor cannot be reached'));
    await serviceErrorOf(asked);
    await models.get('faces', load);
    expect(count()).toBe(1);
  });
});
