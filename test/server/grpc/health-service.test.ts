import { jest } from '@jest/globals';
import { connectGrpc, endOf, take } from '../../helpers/grpc-client.js';
import { requestModel } from '../../helpers/request-model.js';
import { serveGrpc, type ServedGrpcSettings } from '../../helpers/served-grpc.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

async function serve(settings?: ServedGrpcSettings) {
  const served = await serveGrpc(settings);
  const client = connectGrpc(served.address);
  ends.push(
    () => client.close(),
    () => served.server.close(0),
  );
  const check = (service: string) => client.call('grpc.health.v1.Health/Check', { service });
  const watch = (service: string) => client.watch('grpc.health.v1.Health/Watch', { service });
  return { ...served, ...client, check, watch };
}

const INFERENCE = 'inference.GRPCInferenceService';
const SERVING = { status: 'SERVING' };
const NOT_SERVING = { status: 'NOT_SERVING' };

/** A model of items that can be made ready and unready. */
const switchable = () => {
  let missing: string[] = [];
  return { missingModels: () => Promise.resolve(missing), set: (names: string[]) => void (missing = names) };
};

describe('Health/Check', () => {
  it.each(['', INFERENCE, 'fake'])('tells that "%s" is served', async (service) => {
    const { check } = await serve();
    expect(await check(service)).toMatchObject({ status: 'OK', response: SERVING });
  });

  it('tells which model is not ready, and that the server is not with it', async () => {
    const { check } = await serve({
      missingModels: () => Promise.resolve(['face_eye']),
      otherModels: [requestModel()],
    });
    expect((await check('')).response).toEqual(NOT_SERVING);
    expect((await check(INFERENCE)).response).toEqual(NOT_SERVING);
    expect((await check('fake')).response).toEqual(NOT_SERVING);
    expect((await check('echo')).response).toEqual(SERVING);
  });

  it('follows readiness from one call to the next, once its answer is no longer fresh', async () => {
    const { set, missingModels } = switchable();
    const { check } = await serve({ missingModels });
    expect((await check('')).response).toEqual(SERVING);
    set(['face_eye']);
    let answer = await check('');
    while ((answer.response as typeof SERVING).status === 'SERVING') answer = await check('');
    expect(answer.response).toEqual(NOT_SERVING);
  });

  it('does not serve a model that was unloaded', async () => {
    const { check, call } = await serve({ enableAdmin: true });
    expect((await check('fake')).response).toEqual(SERVING);
    await call('RepositoryModelUnload', { model_name: 'fake' });
    expect((await check('fake')).response).toEqual(NOT_SERVING);
  });

  it('is NOT_FOUND for what there is not', async () => {
    const { check } = await serve();
    expect(await check('other')).toMatchObject({
      status: 'NOT_FOUND',
      message: 'Health status unknown for service other',
    });
  });

  it('serves nothing from the moment the service is to stop', async () => {
    const { check, dataPlane } = await serve();
    dataPlane.drain();
    for (const service of ['', INFERENCE, 'fake']) expect((await check(service)).response).toEqual(NOT_SERVING);
  });

  it('is logged at debug level', async () => {
    const { check, lines } = await serve();
    await check('');
    const ofCalls = () => lines.filter(({ line }) => 'rpc' in line);
    while (ofCalls().length === 0) await new Promise((done) => setImmediate(done));
    expect(ofCalls()).toMatchObject([
      { level: 'debug', message: 'probe', line: { rpc: 'grpc.health.v1.Health/Check', status: 'OK' } },
    ]);
  });
});

describe('Health/List', () => {
  it('lists the server and its models', async () => {
    const { call } = await serve({ otherModels: [requestModel()] });
    const { response } = await call('grpc.health.v1.Health/List');
    expect(response).toEqual({ statuses: { '': SERVING, [INFERENCE]: SERVING, fake: SERVING, echo: SERVING } });
  });
});

describe('Health/Watch', () => {
  it('tells of every change', async () => {
    const { set, missingModels } = switchable();
    const { watch } = await serve({ missingModels });
    const watched = watch('fake');
    watched.on('error', () => undefined);
    expect(await take(watched, 1)).toEqual([SERVING]);
    set(['face_eye']);
    expect(await take(watched, 1)).toEqual([NOT_SERVING]);
    set([]);
    expect(await take(watched, 1)).toEqual([SERVING]);
    watched.cancel();
  });

  it('tells at once that the service is to stop, and ends when it does', async () => {
    const { watch, dataPlane, server } = await serve();
    const watched = watch('');
    const end = endOf(watched);
    expect(await take(watched, 1)).toEqual([SERVING]);
    dataPlane.drain();
    expect(await take(watched, 1)).toEqual([NOT_SERVING]);
    expect(await server.close(60_000)).toEqual({ cut: 0 });
    expect(await end).toMatchObject({ status: 'UNAVAILABLE', message: 'The server is stopping' });
  });

  it('is SERVICE_UNKNOWN for what there is not yet', async () => {
    const { watch } = await serve();
    const watched = watch('other');
    watched.on('error', () => undefined);
    expect(await take(watched, 1)).toEqual([{ status: 'SERVICE_UNKNOWN' }]);
    watched.cancel();
  });

  it('looks at readiness while somebody watches, and no longer', async () => {
    const begun = jest.spyOn(globalThis, 'setInterval');
    const ended = jest.spyOn(globalThis, 'clearInterval');
    ends.push(() => jest.restoreAllMocks());
    const { watch, server } = await serve();
    const timers = () =>
      begun.mock.calls.flatMap(([, ms], index) => (ms === 1000 ? [begun.mock.results[index]?.value] : []));
    const watches = ['', 'fake'].map(watch);
    for (const watched of watches) {
      watched.on('error', () => undefined);
      await take(watched, 1);
    }
    expect(timers()).toHaveLength(1);
    const endedTimers = () => ended.mock.calls.filter(([timer]) => timer === timers()[0]);
    watches[0]?.cancel();
    while (server.underWay > 1) await new Promise((done) => setImmediate(done));
    expect(endedTimers()).toHaveLength(0);
    watches[1]?.cancel();
    while (server.underWay > 0 || endedTimers().length === 0) await new Promise((done) => setImmediate(done));
    expect(endedTimers()).toHaveLength(1);
  });
});
