import { missingModels } from '../../src/transformers/missing-models.js';

const { signal } = new AbortController();

function predictorWith(ready: readonly string[], isServerReady = true) {
  return {
    isModelReady: (model: unknown) => Promise.resolve(ready.includes(String(model))),
    isServerReady: () => Promise.resolve(isServerReady),
  };
}

describe('missingModels()', () => {
  it('gives those that are not ready, in their order', async () => {
    expect(await missingModels(predictorWith(['b']), ['c', 'b', 'a'], signal)).toEqual(['c', 'a']);
    expect(await missingModels(predictorWith(['a']), ['a'], signal)).toEqual([]);
  });

  it('names the models of a server that is ready and has none of them', async () => {
    expect(await missingModels(predictorWith([]), ['a', 'b'], signal)).toEqual(['a', 'b']);
  });

  it('says so when it is the server that is not ready', async () => {
    await expect(missingModels(predictorWith([], false), ['a', 'b'], signal)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'the predictor has not ready: a, b; it is not ready itself, or cannot be reached',
    });
  });

  it('names the models only, where a server that is not ready has some of them', async () => {
    expect(await missingModels(predictorWith(['a'], false), ['a', 'b'], signal)).toEqual(['b']);
  });

  it('asks nobody for no model', async () => {
    expect(await missingModels(predictorWith([], false), [], signal)).toEqual([]);
  });
});
