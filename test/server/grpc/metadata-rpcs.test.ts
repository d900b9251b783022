import { connectGrpc, type GrpcClient } from '../../helpers/grpc-client.js';
import { serveGrpc, type ServedGrpcSettings } from '../../helpers/served-grpc.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

async function serve(settings?: ServedGrpcSettings) {
  const served = await serveGrpc(settings);
  const client: GrpcClient = connectGrpc(served.address);
  ends.push(
    () => client.close(),
    () => served.server.close(0),
  );
  return { ...served, ...client };
}

const NOT_READY = { missingModels: () => Promise.resolve(['face_eye']) };
const UNKNOWN = 'Model with name "other" does not exist; served here: fake';

describe('the rpcs of metadata', () => {
  it.each([
    ['ServerLive', {}, { live: true }],
    ['ServerReady', {}, { ready: true }],
    ['ModelReady', { name: 'fake' }, { ready: true }],
    ['ModelReady', { name: 'fake', version: '1' }, { ready: true }],
    ['ServerMetadata', {}, { name: 'kserve-transformer', version: '1.2.3', extensions: ['binary_tensor_data'] }],
    [
      'ModelMetadata',
      { name: 'fake' },
      {
        name: 'fake',
        versions: ['1'],
        platform: 'kserve_transformer',
        inputs: [{ name: 'words', datatype: 'BYTES', shape: ['-1'] }],
        outputs: [
          { name: 'length', datatype: 'FP32', shape: ['-1'] },
          { name: 'response', datatype: 'BYTES', shape: ['-1'] },
        ],
      },
    ],
  ])('%s of %j', async (rpc, request, response) => {
    const { call } = await serve();
    expect(await call(rpc, request)).toMatchObject({ status: 'OK', response });
  });

  it.each([
    ['ServerReady', {}],
    ['ModelReady', { name: 'fake' }],
  ])('%s answers that it is not ready with status OK', async (rpc, request) => {
    const { call } = await serve(NOT_READY);
    expect(await call(rpc, request)).toMatchObject({ status: 'OK', response: { ready: false } });
  });

  it('is not ready, but alive, from the moment it is to stop', async () => {
    const { call, dataPlane } = await serve();
    dataPlane.drain();
    expect((await call('ServerReady')).response).toEqual({ ready: false });
    expect((await call('ServerLive')).response).toEqual({ live: true });
  });

  it.each([
    ['ModelReady', { name: 'other' }, UNKNOWN],
    ['ModelMetadata', { name: 'other' }, UNKNOWN],
    ['ModelReady', { name: 'fake', version: '2' }, 'Model with name "fake" has no version 2, only 1'],
    ['ModelMetadata', { name: 'fake', version: '2' }, 'Model with name "fake" has no version 2, only 1'],
  ])('%s of %j is NOT_FOUND', async (rpc, request, message) => {
    const { call } = await serve();
    expect(await call(rpc, request)).toMatchObject({ status: 'NOT_FOUND', message });
  });

  it.each(['ModelConfig', 'ModelStatistics', 'TraceSetting', 'LogSettings', 'SystemSharedMemoryRegister'])(
    '%s is UNIMPLEMENTED, and says who has it',
    async (rpc) => {
      const { call } = await serve();
      expect(await call(rpc)).toMatchObject({
        status: 'UNIMPLEMENTED',
        message: `${rpc} is not served here; ask the predictor itself`,
      });
    },
  );

  it('refuses a message that is malformed', async () => {
    const { call } = await serve();
    expect(await call('ModelReady', Buffer.of(0x0f))).toMatchObject({
      status: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/^The message cannot be read: index out of range/),
    });
  });
});
