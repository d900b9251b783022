import { ServiceError, type UpstreamStatus } from '../../../../src/errors.js';
import type { ModelReference } from '../../../../src/predictor/triton/administration.js';
import { loadModelDescription } from '../../../../src/predictor/triton/models/load-model-description.js';
import { serviceErrorOf } from '../../../helpers/service-error-of.js';

const METADATA = {
  name: 'faces',
  versions: ['1'],
  platform: '',
  inputs: [{ name: 'IMAGE', datatype: 'FP32', shape: [-1, 3] }],
  outputs: [],
};

const answered = (upstream: UpstreamStatus) => new ServiceError('upstream_error', 'It is not so', { upstream });

describe('loadModelDescription()', () => {
  it('asks for metadata and configuration of the same model with the same options', async () => {
    const asked: unknown[] = [];
    const server = {
      modelMetadata: (model: ModelReference, call: string) => {
        asked.push(['metadata', model, call]);
        return Promise.resolve(METADATA);
      },
      modelConfig: (model: ModelReference, call: string) => {
        asked.push(['config', model, call]);
        return Promise.resolve({ max_batch_size: 2 });
      },
    };
    const reference = { model: 'faces', version: '1' };
    const description = await loadModelDescription(server, reference, 'call');
    expect(description).toMatchObject({ name: 'faces', maxBatchSize: 2, hasConfig: true });
    expect(asked).toEqual([
      ['metadata', reference, 'call'],
      ['config', reference, 'call'],
    ]);
  });

  it.each<[UpstreamStatus]>([
    [{ status: 'UNIMPLEMENTED', text: '' }],
    [{ status: 'NOT_FOUND', httpStatus: 404, text: '' }],
    [{ status: 'UNKNOWN', httpStatus: 405, text: '' }],
    [{ status: 'UNIMPLEMENTED', httpStatus: 501, text: '' }],
  ])('does without the configuration of a server that answers %j', async (upstream) => {
    const server = {
      modelMetadata: () => Promise.resolve(METADATA),
      modelConfig: () => Promise.reject(answered(upstream)),
    };
    expect(await loadModelDescription(server, 'faces')).toMatchObject({ hasConfig: false, maxBatchSize: Infinity });
  });

  it.each([
    [answered({ status: 'UNAUTHENTICATED', httpStatus: 401, text: '' })],
    [new ServiceError('unavailable', 'The predictor cannot be reached')],
  ])('fails as the configuration does when there may be one', async (failure) => {
    const server = {
      modelMetadata: () => Promise.resolve(METADATA),
      modelConfig: () => Promise.reject(failure),
    };
    expect(await serviceErrorOf(loadModelDescription(server, 'faces'))).toBe(failure);
  });

  it('fails as the metadata do', async () => {
    const failure = answered({ status: 'NOT_FOUND', httpStatus: 404, text: '' });
    const server = { modelMetadata: () => Promise.reject(failure), modelConfig: () => Promise.reject(failure) };
    expect(await serviceErrorOf(loadModelDescription(server, 'faces'))).toBe(failure);
  });
});
