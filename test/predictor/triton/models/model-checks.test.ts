import { ServiceError } from '../../../../src/errors.js';
import type { TritonInferRequest } from '../../../../src/predictor/triton/inference.js';
import { createKeptModels } from '../../../../src/predictor/triton/models/kept-models.js';
import { createModelChecks, type ModelChecks } from '../../../../src/predictor/triton/models/model-checks.js';
import { describeModel, type ModelDescription } from '../../../../src/predictor/triton/models/model-description.js';
import { float32Tensor } from '../../../../src/tensor.js';
import { serviceErrorOf } from '../../../helpers/service-error-of.js';

/** A model that takes one input of `[1..4, width]`. */
function modelOfWidth(width: number): ModelDescription {
  const inputs = [{ name: 'input', datatype: 'FP32', shape: [-1, width] }];
  return describeModel('faces', { versions: ['1'], platform: '', inputs, outputs: [] }, { max_batch_size: 4 });
}

function requestOfWidth(width: number): TritonInferRequest {
  return { model: 'faces', inputs: { input: float32Tensor([1, width], new Float32Array(width)) } };
}

const NOT_FOUND = new ServiceError('upstream_error', 'No such model', {
  upstream: { status: 'NOT_FOUND', httpStatus: 404, text: '' },
});

describe('createModelChecks()', () => {
  let now: number;
  let checks: ModelChecks;
  /** What the server has now; an error for none. */
  let served: ModelDescription | ServiceError;
  let loads: number;
  const load = () => {
    loads += 1;
    return served instanceof ServiceError ? Promise.reject(served) : Promise.resolve(served);
  };
  beforeEach(() => {
    now = 0;
    loads = 0;
    served = modelOfWidth(3);
    checks = createModelChecks({ models: createKeptModels({ now: () => now }), now: () => now });
  });

  it('passes right requests and refuses wrong ones by one description', async () => {
    await Promise.all(Array.from({ length: 50 }, () => checks.check(requestOfWidth(3), load)));
    const error = await serviceErrorOf(checks.check(requestOfWidth(4), load));
    expect(error).toMatchObject({
      code: 'invalid_argument',
      message: 'inputs.input must have the shape [-1,3] (batch first) for model faces; received [1,4]',
    });
    expect(loads).toBe(1);
  });

  it('checks each version by itself', async () => {
    await checks.check(requestOfWidth(3), load);
    served = modelOfWidth(5);
    await checks.check({ ...requestOfWidth(5), version: '2' }, load);
    await checks.check(requestOfWidth(3), load);
    expect(loads).toBe(2);
  });

  it('refuses nothing by an old description: the model may have been loaded anew', async () => {
    await checks.check(requestOfWidth(3), load);
    served = modelOfWidth(5);
    now = 1001;
    await checks.check(requestOfWidth(5), load);
    const error = await serviceErrorOf(checks.check(requestOfWidth(3), load));
    expect(error.message).toContain('[-1,5]');
    expect(loads).toBe(2);
  });

  it('asks at most once a second however many wrong requests there are', async () => {
    await checks.check(requestOfWidth(3), load);
    now = 1001;
    for (let call = 0; call < 10; call++) {
      expect((await serviceErrorOf(checks.check(requestOfWidth(4), load))).code).toBe('invalid_argument');
    }
    const atOnce = Array.from({ length: 10 }, () => serviceErrorOf(checks.check(requestOfWidth(4), load)));
    await Promise.all(atOnce);
    expect(loads).toBe(2);
  });

  it('passes what an old description refuses when there is no fresh one', async () => {
    await checks.check(requestOfWidth(3), load);
    served = NOT_FOUND;
    now = 1001;
    await checks.check(requestOfWidth(4), load);
    expect(loads).toBe(2);
  });

  it.each([
    ['has no metadata', NOT_FOUND],
    ['cannot be reached', new ServiceError('unavailable', 'The predictor cannot be reached')],
  ])('passes every request for a while when the server %s', async (_, failure) => {
    served = failure;
    await Promise.all(Array.from({ length: 50 }, () => checks.check(requestOfWidth(4), load)));
    now = 4999;
    await checks.check(requestOfWidth(4), load);
    expect(loads).toBe(1);

    served = modelOfWidth(3);
    now = 5000;
    await checks.check(requestOfWidth(4), load);
    expect((await serviceErrorOf(checks.check(requestOfWidth(4), load))).code).toBe('invalid_argument');
    expect(loads).toBe(2);
  });

  it('waits once for a server that leaves the question open, and asks again while calls go on', async () => {
    const answers: ((description: ModelDescription) => void)[] = [];
    const loadForLong = () => new Promise<ModelDescription>((resolve) => answers.push(resolve));
    await checks.check(requestOfWidth(4), loadForLong, { patienceMs: 5 });
    await checks.check(requestOfWidth(4), loadForLong);
    now = 5000;
    await checks.check(requestOfWidth(4), loadForLong);
    expect(answers).toHaveLength(1);
    answers[0]?.(modelOfWidth(3));
    await new Promise((resolve) => setImmediate(resolve));
    expect((await serviceErrorOf(checks.check(requestOfWidth(4), load))).code).toBe('invalid_argument');
  });

  it('asks for each unknown model by itself', async () => {
    served = NOT_FOUND;
    const other = { ...requestOfWidth(4), model: 'voices' };
    await checks.check(requestOfWidth(4), load);
    now = 1000;
    await checks.check(other, load);
    await checks.check(requestOfWidth(4), load);
    expect(loads).toBe(2);
    now = 5000;
    await checks.check(requestOfWidth(4), load);
    await checks.check(other, load);
    expect(loads).toBe(3);
  });

  it('tells a unary call of a decoupled model from a stream', async () => {
    served = { ...modelOfWidth(3), isDecoupled: true };
    await checks.check(requestOfWidth(3), load, { rpc: 'stream' });
    now = 1001;
    await checks.check(requestOfWidth(3), load, { rpc: 'stream' });
    expect(loads).toBe(1);
    const error = await serviceErrorOf(checks.check(requestOfWidth(3), load, { rpc: 'unary' }));
    expect(error.message).toContain('inferStream');
  });
});
