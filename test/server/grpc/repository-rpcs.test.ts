import type { RepositoryParameters } from '../../../src/transformers/served-model.js';
import { ServiceError } from '../../../src/errors.js';
import { connectGrpc } from '../../helpers/grpc-client.js';
import { requestModel } from '../../helpers/request-model.js';
import { serveGrpc, type ServedGrpcSettings } from '../../helpers/served-grpc.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

async function serve(settings: ServedGrpcSettings = { enableAdmin: true }) {
  const served = await serveGrpc(settings);
  const client = connectGrpc(served.address);
  ends.push(
    () => client.close(),
    () => served.server.close(0),
  );
  return { ...served, ...client };
}

/** A field of a text. */
const text = (field: number, value: string) => Buffer.from([field * 8 + 2, value.length, ...Buffer.from(value)]);

describe('RepositoryIndex', () => {
  it('lists every model with its state, or only those that are ready', async () => {
    const { call } = await serve({
      enableAdmin: true,
      missingModels: () => Promise.resolve(['face_eye']),
      otherModels: [requestModel()],
    });
    const echo = { name: 'echo', version: '1', state: 'READY', reason: '' };
    const fake = {
      name: 'fake',
      version: '1',
      state: 'UNAVAILABLE',
      reason: 'the predictor has not ready: face_eye',
    };
    expect((await call('RepositoryIndex')).response).toEqual({ models: [fake, echo] });
    expect((await call('RepositoryIndex', { ready: true })).response).toEqual({ models: [echo] });
  });
});

describe('RepositoryModelUnload and RepositoryModelLoad', () => {
  it.each([
    ['Triton', [text(2, 'fake')]],
    ['Triton, with the name of a repository', [text(1, 'models'), text(2, 'fake')]],
    ['KServe', [text(1, 'fake')]],
  ])('take the messages of %s', async (_, fields) => {
    const { call } = await serve();
    const request = Buffer.concat(fields);
    expect(await call('RepositoryModelUnload', request)).toMatchObject({
      status: 'OK',
      response: { model_name: 'fake', isUnloaded: true },
    });
    expect(await call('ModelInfer', { model_name: 'fake' })).toMatchObject({
      status: 'NOT_FOUND',
      message: 'Model with name "fake" is unloaded',
    });
    expect(await call('RepositoryModelLoad', request)).toMatchObject({
      status: 'OK',
      response: { model_name: 'fake', isLoaded: true },
    });
    expect((await call('ModelReady', { name: 'fake' })).response).toEqual({ ready: true });
  });

  it('have the predictor load and unload a model that hands requests on, with parameters of every kind', async () => {
    const calls: [string, RepositoryParameters][] = [];
    const note = (name: string) => (parameters: RepositoryParameters) => {
      calls.push([name, parameters]);
      return Promise.resolve();
    };
    const model = requestModel({ repository: { load: note('load'), unload: note('unload') } });
    const { call } = await serve({ enableAdmin: true, otherModels: [model] });
    const parameters = {
      config: { string_param: '{"backend":"onnxruntime"}' },
      'file:1/model.onnx': { bytes_param: Buffer.of(0, 255) },
      count: { int64_param: '7' },
      large: { int64_param: String(2n ** 62n) },
      none: {},
    };
    await call('RepositoryModelLoad', { model_name: 'echo', parameters });
    await call('RepositoryModelUnload', {
      model_name: 'echo',
      parameters: { unload_dependents: { bool_param: true } },
    });
    expect(calls).toEqual([
      [
        'load',
        {
          config: '{"backend":"onnxruntime"}',
          'file:1/model.onnx': Buffer.of(0, 255),
          count: 7,
          large: 2n ** 62n,
          none: '',
        },
      ],
      ['unload', { unload_dependents: true }],
    ]);
  });

  it('answer what the predictor says', async () => {
    const load = () => Promise.reject(new ServiceError('unavailable', 'The predictor cannot be reached'));
    const model = requestModel({ repository: { load, unload: load } });
    const { call } = await serve({ enableAdmin: true, otherModels: [model] });
    expect(await call('RepositoryModelLoad', { model_name: 'echo' })).toMatchObject({
      status: 'UNAVAILABLE',
      message: 'The predictor cannot be reached',
    });
  });

  it.each(['RepositoryModelLoad', 'RepositoryModelUnload'])('%s of an unknown model is NOT_FOUND', async (rpc) => {
    const { call } = await serve();
    expect(await call(rpc, { model_name: 'other' })).toMatchObject({
      status: 'NOT_FOUND',
      message: 'Model with name "other" does not exist; served here: fake',
    });
  });
});

describe('without --enable_admin', () => {
  it.each(['RepositoryIndex', 'RepositoryModelLoad', 'RepositoryModelUnload'])('%s is not allowed', async (rpc) => {
    const { call, dataPlane } = await serve({});
    expect(await call(rpc, text(1, 'fake'))).toMatchObject({
      status: 'PERMISSION_DENIED',
      message: 'Models cannot be listed, loaded and unloaded here: the service runs without --enable_admin',
    });
    expect(dataPlane.modelNames()).toEqual(['fake']);
  });
});
