import { type FakeTriton, startFakeTriton } from '../helpers/fake-triton.js';
import { type ChangingFiles, changingFiles } from '../helpers/changing-files.js';
import { SCORE_MODEL, scoreModel, TINY_REQUEST } from '../helpers/score-model.js';
import { type RunningService, runService, startService } from '../helpers/start-service.js';

describe('a service of several models', () => {
  let files: ChangingFiles;
  let first: FakeTriton;
  let second: FakeTriton;
  let service: RunningService | undefined;
  beforeEach(async () => {
    files = changingFiles();
    first = await startFakeTriton();
    second = await startFakeTriton();
    first.models.set(SCORE_MODEL, scoreModel(0.25));
    second.models.set('other_model', scoreModel(0.75));
  });
  afterEach(async () => {
    await service?.kill();
    await Promise.all([first.close(), second.close()]);
    files.clear();
  });

  const configuration = (more: object = {}) =>
    files.write(
      'service.yaml',
      JSON.stringify({
        transformer: 'facequality',
        facequality_chain: 'simple',
        predictor_host: first.httpAddress,
        models: [
          { model_name: 'faces' },
          { model_name: 'others', predictor_host: second.grpcAddress, facequality_model: 'other_model', ...more },
          { model_name: 'bare', single_response: 'bare', item_errors: 'fail' },
        ],
      }),
    );
  const start = async (path: string, ...flags: string[]) => {
    service = await startService(['--config', path, ...flags]);
    await service.line(({ msg, modelName }) => msg === 'model is ready' && modelName === 'faces');
    return service;
  };
  const ready = async ({ url }: RunningService) => {
    const { status } = await fetch(`${url}/v2/health/ready`);
    return status;
  };

  it('answers for each by its own predictor and in its own way', async () => {
    const running = await start(configuration());
    await running.untilReady();
    expect(await (await fetch(`${running.url}/v1/models`)).json()).toEqual({ models: ['faces', 'others', 'bare'] });
    const extra_info = expect.objectContaining({ chain: 'simple' });
    expect(await running.post('/v1/models/faces:predict', TINY_REQUEST)).toEqual({
      status: 200,
      body: { multi_data: [{ data: [{ score: 0.25 }], extra_info }] },
    });
    expect(await running.post('/v1/models/others:predict', TINY_REQUEST)).toEqual({
      status: 200,
      body: { multi_data: [{ data: [{ score: 0.75 }], extra_info }] },
    });
    expect(await running.post('/v1/models/bare:predict', TINY_REQUEST)).toEqual({
      status: 200,
      body: { data: [{ score: 0.25 }], extra_info },
    });
    const oneBad = { multi_data: [TINY_REQUEST, { data: { item: 'AAAA' } }] };
    expect((await running.post('/v1/models/faces:predict', oneBad)).status).toBe(200);
    expect((await running.post('/v1/models/bare:predict', oneBad)).status).toBe(422);
    expect((await running.post('/v1/models/none:predict', TINY_REQUEST)).body).toEqual({
      error: 'Model with name "none" does not exist; served here: faces, others, bare',
    });
    expect(second.seen.map(({ protocol, model }) => [protocol, model])).toEqual([['grpc', 'other_model']]);
    expect(new Set(first.seen.map(({ protocol, model }) => `${protocol} ${model}`))).toEqual(
      new Set([`http ${SCORE_MODEL}`]),
    );
  });

  it('is ready when all of them are', async () => {
    await second.crash();
    const running = await start(configuration());
    expect(await ready(running)).toBe(503);
    expect((await fetch(`${running.url}/v1/models/faces`)).status).toBe(200);
    expect((await fetch(`${running.url}/v1/models/others`)).status).toBe(503);
    expect((await running.post('/v1/models/faces:predict', TINY_REQUEST)).status).toBe(200);
    await second.restart();
    await running.untilReady();
  });

  it('is ready when any of them is, if that is asked for', async () => {
    await second.crash();
    const running = await start(configuration(), '--readiness', 'any');
    expect(await ready(running)).toBe(200);
  });

  it('is ready without the models that need not be', async () => {
    await second.crash();
    const running = await start(configuration({ ready_models: 'none' }));
    expect(await ready(running)).toBe(200);
    const { status, body } = await running.post('/v1/models/others:predict', TINY_REQUEST);
    expect(status).toBe(503);
    expect(body).toEqual({ error: expect.stringContaining('Not ready: the predictor has no other_model') });
  });

  it('is not ready without the models that are named', async () => {
    const running = await start(configuration({ ready_models: ['other_model', 'third_model'] }));
    await running.line(({ modelName, reason }) => {
      return modelName === 'others' && reason === 'the predictor has not ready: third_model';
    });
    expect(await ready(running)).toBe(503);
    second.models.set('third_model', scoreModel(1));
    await running.untilReady();
  });

  it('does not start when one of them is wrong, and says where', async () => {
    const path = configuration({ item_errors: 'both', model_name: 'faces' });
    const { code, errors } = await runService(['--config', path]);
    expect(code).toBe(1);
    expect(errors.split('\n')).toEqual([
      'key models[1].item_errors of the configuration file expects one of keep, fail, received "both"',
      'key models[1].model_name of the configuration file "faces" is the name of models[0], too',
      'Not started; --help lists every option.',
      '',
    ]);
  });

  it('does not start when an address is wrong', async () => {
    const { code, errors } = await runService(['--config', configuration({ predictor_host: 'ftp://host' })]);
    expect(code).toBe(1);
    expect(errors).toContain("not started: The predictor's address must be host, host:port");
  });
});
