import { readFile, rm } from 'node:fs/promises';
import { connectGrpc } from '../helpers/grpc-client.js';
import { runService, type RunningService, startService } from '../helpers/start-service.js';
import { type Addition, additionOf, buildWith } from './build-example.js';

const MODELS = 'test/fixtures/example-models';
const PREDICT = '/v1/models/exposure:predict';
const base64 = async (name: string) => (await readFile(`samples/faces/${name}`)).toString('base64');

/**
 * The page's transformer, built as it stands there into a copy of the project's build and run. What it answers is
 * compared with what the page says that it answers.
 */
describe('docs/add-a-transformer.md', () => {
  let page: string;
  let addition: Addition;
  let built: Awaited<ReturnType<typeof buildWith>>;
  let service: RunningService;
  beforeAll(async () => {
    page = await readFile('docs/add-a-transformer.md', 'utf8');
    addition = additionOf(page);
    built = await buildWith(addition);
    expect(built.problems).toBe('');
    service = await startService(['--model_name', 'exposure', '--model_repository', MODELS], {}, built.program);
    await service.untilReady();
  }, 60_000);
  afterAll(async () => {
    await service.kill();
    await rm(built.folder, { recursive: true, force: true });
  });

  it('adds the files that every transformer has, and one line to the registry’s list', () => {
    const names = addition.files.map(({ path }) => path.replace('src/transformers/exposure/', ''));
    expect(names.sort()).toEqual([
      'index.ts',
      'labels.ts',
      'options.ts',
      'postprocess.ts',
      'predict.ts',
      'preprocess.ts',
    ]);
    expect(addition.registry.entries).toHaveLength(1);
  });

  it('answers over V1 what the page says', async () => {
    const [shown = ''] = /^\{"predictions":.*$/m.exec(page) ?? [];
    const instances = [await base64('dark.jpg'), await base64('bright.jpg'), 'AAAA'];
    const { status, body } = await service.post(PREDICT, { instances });
    expect(status).toBe(200);
    expect(body).toEqual(JSON.parse(shown));
    expect(body).toMatchObject({
      predictions: [{ exposure: 'dark' }, { exposure: 'bright' }, { error: { code: 'unprocessable' } }],
    });
  });

  it('answers over V2, a bad picture with a value that is none', async () => {
    const data = [await base64('dark.jpg'), 'AAAA'];
    const inputs = [{ name: 'image', shape: [2], datatype: 'BYTES', data }];
    const { status, body } = await service.post('/v2/models/exposure/infer', { inputs });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      outputs: [
        { name: 'probability', datatype: 'FP32', shape: [2], data: [expect.closeTo(0.9, 0), null] },
        {
          name: 'response',
          data: [
            expect.stringMatching(/^\{"exposure":"dark"/),
            expect.stringMatching(/^\{"error":\{"code":"unprocessable"/),
          ],
        },
      ],
    });
  });

  it('answers over gRPC', async () => {
    const { grpcPort } = await service.line(({ msg }) => msg === 'listening');
    const grpc = connectGrpc(`127.0.0.1:${String(grpcPort)}`);
    const picture = await readFile('samples/faces/bright.jpg');
    const inputs = [{ name: 'image', datatype: 'BYTES', shape: [1], contents: { bytes_contents: [picture] } }];
    const { status, response } = await grpc.call('ModelInfer', { model_name: 'exposure', inputs });
    grpc.close();
    expect(status).toBe('OK');
    expect(response).toMatchObject({ outputs: [{ name: 'probability' }, { name: 'response' }] });
  });

  it('has its flag in --help, and obeys it', async () => {
    const { output } = await runService(['--help'], {}, built.program);
    expect(output).toMatch(/--exposure_min_probability/);
    const flags = ['--model_name', 'exposure', '--model_repository', MODELS, '--exposure_min_probability', '1'];
    const strict = await startService(flags, {}, built.program);
    try {
      await strict.untilReady();
      const { body } = await strict.post(PREDICT, { instances: [await base64('dark.jpg')] });
      expect(body).toMatchObject({ predictions: [{ exposure: 'uncertain' }] });
    } finally {
      await strict.kill();
    }
  });
});
