import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { type FakeAnswer, type FakeService, type ReceivedCall, startFakeService } from '../helpers/fake-service.js';

const COMMAND = join(process.cwd(), 'client/bin/kserver_client.js');
const FACES = join(process.cwd(), 'samples/faces');

const requestSchema = z.strictObject({ instances: z.array(z.record(z.string(), z.string())) });

/** What each service answers to any picture or text. */
const PREDICTIONS: Readonly<Record<string, unknown>> = {
  cifar10: { label: 'cat', index: 1, logits: [0, 2] },
  helmet_detection: [{ x1: 0.1, y1: 0.1, x2: 0.5, y2: 0.5, confidence: 0.9, class: 'helmet' }],
  license_plate: [
    {
      ...{ shape: 'two-line-region', box: [10, 10, 110, 60], size: [100, 50], region: '서울', symbol: '가' },
      ...{ serial: '3456', text: '서울12가3456', confidence: 0.98, characters: [] },
    },
  ],
  mnist: 7,
  text_classification: { label: 'Sports', score: 0.9, scores: { Sports: 0.9, World: 0.1 } },
  tabby: { breeds: ['tabby'] },
};
const EXPLANATIONS: Readonly<Record<string, unknown>> = {
  mnist: [
    [
      [0, 1],
      [1, -1],
    ],
  ],
  text_classification: { label: 'Sports', score: 0.9, base_score: 0.4, words: ['goal'], importances: [0.5] },
};

let folder = '';
let service: FakeService | undefined;

/** Answers as the model of the path does; an instance of a few letters is a bad one. */
function asServices({ path, body }: ReceivedCall): FakeAnswer {
  const [, model = '', verb] = /^\/v1\/models\/(\w+):(predict|explain)$/.exec(path) ?? [];
  const { instances } = requestSchema.parse(body);
  const answer = (verb === 'explain' ? EXPLANATIONS : PREDICTIONS)[model];
  const answers = instances.map((instance, index) =>
    (instance['b64'] ?? instance['data'] ?? '').length < 8
      ? { error: { code: 'unprocessable', message: `instances[${index}]: not a picture` } }
      : answer,
  );
  return { json: { [verb === 'explain' ? 'explanations' : 'predictions']: answers } };
}

async function run(...args: string[]) {
  service ??= await startFakeService(asServices);
  const env = { PATH: process.env['PATH'], KSERVER_URL: service.url };
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd: folder, env });
  child.stdin.end();
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { stdout, stderr, code };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'client-services-'));
  await mkdir(join(folder, 'pics'));
  await copyFile(join(FACES, 'base_q92.jpg'), join(folder, 'pics/a.jpg'));
  await writeFile(join(folder, 'bad.jpg'), '?');
  await writeFile(join(folder, 'goal.txt'), 'A late goal decided the cup.\n');
  await writeFile(join(folder, 'own.json'), '{"key":"my own instance","b64":"long enough"}');
});

afterAll(() => rm(folder, { recursive: true }));

afterEach(async () => {
  await service?.close();
  service = undefined;
});

describe('kserver_client --model', () => {
  it.each([
    [
      'cifar10',
      / pics\/a\.jpg +cat +1 +2\.00 +0\.881\n bad\.jpg +error: .*not a picture \(unprocessable\)\n/,
      '2 pictures, 1',
    ],
    ['helmet_detection', / pics\/a\.jpg +1 +helmet +0\.900 +0\.100 .*\n bad\.jpg +error: /, '2 pictures, 1 box, 1'],
    ['license_plate', /pics\/a\.jpg:\n.*┌─+┐.*\n.*│ 서울 12 │.*\n.*│ 가 3456 │.*\n.*└/, '2 pictures, 1 plate, 1'],
    ['mnist', / pics\/a\.jpg +7\n bad\.jpg +error: /, '2 pictures, 1'],
    ['tabby', /^pics\/a\.jpg: \{"breeds":\["tabby"\]\}\nbad\.jpg: error: /, '2 pictures, 1'],
  ])('%s shows its answers, and errors in their place', async (model, shown, counts) => {
    const { stdout, stderr, code } = await run('--model', model, 'pics', 'bad.jpg');
    expect(stderr).toBe('');
    expect(stdout).toMatch(shown);
    expect(stdout).toContain(`\n\n${counts} error`);
    expect(code).toBe(1);
    expect(service?.calls.map(({ path }) => path)).toEqual([`/v1/models/${model}:predict`]);
  });

  it('text_classification sends files and texts in batches, with --explain to both verbs', async () => {
    const texts = ['--text', 'Shares fell again', '--text', 'one more text'];
    const { stdout, code } = await run(
      '--model',
      'text_classification',
      '--explain',
      '--batch',
      '2',
      'goal.txt',
      ...texts,
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ goal\.txt +Sports +0\.900 +World 0\.100\n "Shares fell again" +Sports/m);
    expect(stdout).toMatch(/^goal\.txt: why Sports 0\.900, not .*\n {2}goal {2}\+0\.500 /m);
    expect(stdout).toMatch(/^3 texts, 0 errors in .* texts\/s; 2 calls/m);
    const bodies = service?.calls.map(({ path, body }) => [path.split(':')[1], requestSchema.parse(body).instances]);
    const [first, second] = [
      [{ data: 'A late goal decided the cup.' }, { data: 'Shares fell again' }],
      [{ data: 'one more text' }],
    ];
    expect(bodies).toHaveLength(4);
    for (const verb of ['predict', 'explain']) {
      expect(bodies).toContainEqual([verb, first]);
      expect(bodies).toContainEqual([verb, second]);
    }
  });

  it('mnist explains on the terminal and on the annotated picture', async () => {
    const { stdout, code } = await run('--model', 'mnist', '--explain', '--annotate', 'maps', 'pics');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^pics\/a\.jpg: why 7\n┌──┐\n│██│\n└──┘$/m);
    expect(stdout).toMatch(/^Annotated pictures are in maps$/m);
    await expect(readdir(join(folder, 'maps'))).resolves.toEqual(['a.jpg']);
  });

  it('prints one JSON document with the predictions as they came', async () => {
    const { stdout, code } = await run(
      '--service',
      'license_plate',
      '--json',
      '--annotate',
      'drawn',
      'pics',
      'bad.jpg',
    );
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      model: 'license_plate',
      items: [
        { file: 'pics/a.jpg', prediction: PREDICTIONS['license_plate'], annotated: 'drawn/a.jpg' },
        { file: 'bad.jpg', error: { code: 'unprocessable', message: 'instances[1]: not a picture' } },
      ],
      summary: { pictures: 2, plates: 1, errors: 1, calls: 1 },
    });
  });

  it('sends a model of another kind pictures, texts and instances, each in its form', async () => {
    const { stdout, code } = await run('--model', 'tabby', 'pics', 'goal.txt', 'own.json');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^3 inputs, 0 errors in /m);
    const [{ body } = { body: undefined }] = service?.calls ?? [];
    expect(requestSchema.parse(body).instances).toEqual([
      { b64: expect.stringMatching(/^\/9j\//) },
      { data: 'A late goal decided the cup.' },
      { key: 'my own instance', b64: 'long enough' },
    ]);
  });

  it('says in one line that there is no such model', async () => {
    service = await startFakeService(() => ({ status: 404, json: { error: 'no model mnist' } }));
    await expect(run('--model', 'mnist', 'pics', 'bad.jpg')).resolves.toEqual({
      stdout: '',
      stderr: 'kserver_client: no model mnist (HTTP 404); 2 of 2 pictures not answered\n',
      code: 1,
    });
  });

  it('says that an answer has another form than the service gives', async () => {
    service = await startFakeService(() => ({ json: { predictions: [{ class: 7 }] } }));
    const { stdout, code } = await run('--model', 'mnist', 'pics');
    expect(code).toBe(1);
    expect(stdout).toMatch(/ pics\/a\.jpg +error: an answer of another form than expected: .* \(bad_answer\)$/m);
  });
});
