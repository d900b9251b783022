import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { multiRequestSchema, type Response, responseSchema } from 'common-data-type';
import * as z from 'zod';
import { type FakeAnswer, type FakeService, type ReceivedCall, startFakeService } from '../helpers/fake-service.js';
import { BAD_ITEM, NO_FACE, SCORED } from './faces.js';

const COMMAND = join(process.cwd(), 'client/bin/kserver_client.js');
const FACES = join(process.cwd(), 'samples/faces');

const documentSchema = z.object({
  url: z.string(),
  model: z.string(),
  pictures: z.array(
    z.object({
      file: z.string(),
      call_ms: z.number().optional(),
      response: responseSchema.optional(),
      error: z.object({ status: z.number().optional(), code: z.string().optional(), message: z.string() }).optional(),
      annotated: z.string().optional(),
    }),
  ),
  summary: z.looseObject({ pictures: z.number(), errors: z.number(), calls: z.number() }),
});

let folder = '';
let service: FakeService | undefined;

/** Scores what is a JPEG or PNG of more than 1 KB, sees no face in smaller ones, refuses the rest. */
function byLook({ body }: ReceivedCall): FakeAnswer {
  const { multi_data: requests } = multiRequestSchema.parse(body);
  const responses = requests.map(({ data }): Response => {
    const isPicture = data.item.startsWith('/9j/') || data.item.startsWith('iVBOR');
    if (!isPicture) return BAD_ITEM;
    return data.item.length > 1000 ? SCORED : NO_FACE;
  });
  return { json: { multi_data: responses } };
}

/** Runs the built command as a user does, in the test's folder, and waits for its end. */
async function run(args: readonly string[], options: { input?: Buffer; url?: string | undefined } = {}) {
  const env = { PATH: process.env['PATH'], KSERVER_URL: options.url ?? service?.url };
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd: folder, env });
  child.stdin.end(options.input);
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  expect(stderr).not.toMatch(/^ {4}at /m);
  return { stdout, stderr, code };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'client-command-'));
  await mkdir(join(folder, 'pics'));
  await copyFile(join(FACES, 'base_q92.jpg'), join(folder, 'pics/face.jpg'));
  await copyFile(join(FACES, 'one_pixel.png'), join(folder, 'pics/pixel.png'));
  await writeFile(join(folder, 'bad.jpg'), 'this is no picture');
});

afterAll(() => rm(folder, { recursive: true }));

afterEach(async () => {
  await service?.close();
  service = undefined;
});

describe('kserver_client', () => {
  it('prints a table and a summary, and exits 0 when every picture is answered', async () => {
    service = await startFakeService(byLook);
    const { stdout, stderr, code } = await run(['pics']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^ pics\/face\.jpg +400×400 +1 +81 +0 \/ -11 \/ 3 +1\.00 +inter_eye_distance 21, sharpness 71$/m,
    );
    expect(stdout).toMatch(/^ pics\/pixel\.png +64×48 +0 +0 +no_face$/m);
    expect(stdout).toMatch(
      /^2 pictures, 1 face, 0 errors in \d\.\d\d s, [\d.]+ pictures\/s; 1 call, p50 [\d.]+ ms, max/m,
    );
  });

  it('prints one JSON document', async () => {
    service = await startFakeService(byLook);
    const { stdout, code } = await run(['--json', '--model', 'faces', '--service', 'facequality', 'pics', 'bad.jpg']);
    expect(code).toBe(1);
    const document = documentSchema.parse(JSON.parse(stdout));
    expect(document).toMatchObject({ url: service.url, model: 'faces', summary: { pictures: 3, errors: 1, calls: 1 } });
    expect(document.pictures).toMatchObject([
      { file: 'pics/face.jpg', response: SCORED },
      { file: 'pics/pixel.png', response: NO_FACE },
      { file: 'bad.jpg', error: { code: 'unprocessable', message: 'data.item: expected an image, received text' } },
    ]);
  });

  it('exits 1 when one item has an error, and shows the others', async () => {
    service = await startFakeService(byLook);
    const { stdout, code } = await run(['bad.jpg', 'pics']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ bad\.jpg +error: data\.item: expected an image, received text \(unprocessable\)$/m);
    expect(stdout).toMatch(/^ pics\/face\.jpg +400×400 +1 +81 /m);
  });

  it('sends what the options say', async () => {
    service = await startFakeService(byLook);
    const options =
      '--batch 3 --type id --other a=1 --other b=2 --header x-team:faces --token secret --model m --service facequality';
    await run([...options.split(' '), 'pics', 'bad.jpg', 'bad.jpg']);
    expect(service.calls.map(({ path }) => path)).toEqual(['/v1/models/m:predict', '/v1/models/m:predict']);
    const [first, second] = service.calls.map(({ body }) => multiRequestSchema.parse(body));
    expect(first?.multi_data).toHaveLength(3);
    expect(second?.multi_data).toHaveLength(1);
    const others = [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ];
    expect(first?.extra_info).toEqual({ type: 'id', others });
    expect(service.calls[0]?.headers).toMatchObject({ 'x-team': 'faces', authorization: 'Bearer secret' });
    const face = await readFile(join(folder, 'pics/face.jpg'));
    expect(first?.multi_data[0]).toEqual({ data: { item: face.toString('base64') } });
  });

  it('reads a picture from standard input', async () => {
    service = await startFakeService(byLook);
    const { stdout, code } = await run(['-'], { input: await readFile(join(FACES, 'base.png')) });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ stdin +400×400 +1 +81 /m);
  });

  it('keeps quiet about all but errors', async () => {
    service = await startFakeService(byLook);
    await expect(run(['--quiet', 'pics'])).resolves.toEqual({ stdout: '', stderr: '', code: 0 });
    await expect(run(['--quiet', 'pics', 'bad.jpg'])).resolves.toEqual({
      stdout: '',
      stderr: 'kserver_client: bad.jpg: error: data.item: expected an image, received text (unprocessable)\n',
      code: 1,
    });
  });

  it('writes annotated pictures and leaves its input as it was', async () => {
    service = await startFakeService(byLook);
    const before = await readFile(join(folder, 'pics/face.jpg'));
    await mkdir(join(folder, 'other'));
    await copyFile(join(FACES, 'grey.jpg'), join(folder, 'other/face.jpg'));
    const { stdout, code } = await run(['--annotate', 'pics/out', 'pics', 'other']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Annotated pictures are in pics\/out$/m);
    await expect(readdir(join(folder, 'pics/out'))).resolves.toEqual(['face.jpg', 'other-face.jpg', 'pixel.png']);
    await expect(readFile(join(folder, 'pics/face.jpg'))).resolves.toEqual(before);
    expect(await readFile(join(folder, 'pics/out/face.jpg'))).not.toEqual(before);
  });

  it('lets no control character of a name through to terminal or folder', async () => {
    service = await startFakeService(byLook);
    const input = join(folder, 'odd');
    await mkdir(input);
    await copyFile(join(FACES, 'one_pixel.png'), join(input, 'a\u001b[31m.png'));
    await writeFile(join(input, 'b\u009b2J.jpg'), 'this is no picture');
    const isPlain = (text: string) => !/[^\P{Cc}\n]/u.test(text);

    const shown = await run(['--annotate', 'odd\u0007out', 'odd']);
    expect(shown.stdout).toMatch(/^ odd\/a\?\[31m\.png +64×48 /m);
    expect(shown.stdout).toMatch(/^Annotated pictures are in odd\?out$/m);
    expect(shown.stderr).toMatch(/^kserver_client: odd\/b\?2J\.jpg: cannot be annotated: /);
    await expect(readdir(join(folder, 'odd\u0007out'))).resolves.toEqual(['a_[31m.png']);

    const quiet = await run(['--quiet', 'odd', 'gone\u001b.jpg']);
    expect(quiet.stderr).toMatch(/^kserver_client: gone\?\.jpg: no such file or folder$/m);

    const json = await run(['--json', 'odd']);
    const { pictures } = documentSchema.parse(JSON.parse(json.stdout));
    expect(pictures.map(({ file }) => file)).toEqual(['odd/a\u001b[31m.png', 'odd/b\u009b2J.jpg']);
    for (const { stdout, stderr } of [shown, quiet, json]) expect(isPlain(stdout + stderr)).toBe(true);
  });

  it('refuses to write where pictures come from', async () => {
    service = await startFakeService(byLook);
    const { stderr, code } = await run(['--annotate', 'pics/../pics', 'pics/face.jpg']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^kserver_client: pics\/face\.jpg: lies in the folder that is to be written to/);
    expect(service.calls).toHaveLength(0);
  });

  it('refuses to annotate into a file, before it sends anything', async () => {
    service = await startFakeService(byLook);
    await expect(run(['--annotate', 'bad.jpg', 'pics'])).resolves.toEqual({
      stdout: '',
      stderr:
        'kserver_client: --annotate: expected a folder to write to, received "bad.jpg": this is a file\n' +
        'Try kserver_client --help\n',
      code: 2,
    });
    expect(service.calls).toHaveLength(0);
  });

  it('does not speak of annotated pictures where there are none', async () => {
    service = await startFakeService(byLook);
    const { stdout } = await run(['--annotate', 'nothing', 'bad.jpg']);
    expect(stdout).not.toContain('Annotated');
  });

  it('says which pictures it cannot annotate and exits 1', async () => {
    service = await startFakeService(byLook);
    const { stderr, code } = await run(['--annotate', 'drawn', 'bad.jpg', 'pics/pixel.png']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^kserver_client: bad\.jpg: cannot be annotated: .*unsupported image format\n$/);
    await expect(readdir(join(folder, 'drawn'))).resolves.toEqual(['pixel.png']);
  });

  it('says in one line that nothing listens, and exits 1', async () => {
    service = await startFakeService(byLook);
    const { url } = service;
    await service.close();
    await expect(run(['pics'], { url })).resolves.toEqual({
      stdout: '',
      stderr: `kserver_client: cannot reach ${url}: connection refused; 2 of 2 pictures not scored\n`,
      code: 1,
    });
  });

  it.each([[[]], [['--concurrency', '2', '--batch', '1']]])(
    'lists and counts every picture as an error when nothing listens, with --json %j',
    async (options) => {
      service = await startFakeService(byLook);
      const { url } = service;
      await service.close();
      const { stdout, stderr, code } = await run(['--json', ...options, 'pics', 'bad.jpg'], { url });
      const document = documentSchema.parse(JSON.parse(stdout));
      const message = `cannot reach ${url}: connection refused`;
      expect(document.pictures).toMatchObject([
        { file: 'pics/face.jpg', error: { code: 'unreachable', message } },
        { file: 'pics/pixel.png', error: { code: 'unreachable', message: `not scored: ${message}` } },
        { file: 'bad.jpg', error: { code: 'unreachable', message: `not scored: ${message}` } },
      ]);
      expect(document.summary).toMatchObject({ pictures: 3, faces: 0, errors: 3 });
      expect(stderr).toBe(`kserver_client: ${message}; 3 of 3 pictures not scored\n`);
      expect(code).toBe(1);
    },
  );

  it('stops at a refusal that every picture would meet', async () => {
    service = await startFakeService(() => ({ status: 404, json: { error: 'no model m; there is facequality' } }));
    await expect(run(['pics', '--batch', '1', '--model', 'm', '--service', 'facequality'])).resolves.toEqual({
      stdout: '',
      stderr: 'kserver_client: no model m; there is facequality (HTTP 404); 2 of 2 pictures not scored\n',
      code: 1,
    });
    expect(service.calls).toHaveLength(1);
  });

  it('shows what was scored before such a refusal', async () => {
    let calls = 0;
    service = await startFakeService(() =>
      calls++ === 0 ? { json: SCORED } : { status: 401, json: { error: 'the token has expired' } },
    );
    const { stdout, stderr, code } = await run(['pics', 'bad.jpg', '--batch', '1']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ pics\/face\.jpg +400×400 +1 +81 /m);
    expect(stdout).toMatch(/^1 picture, 1 face, 0 errors /m);
    expect(stderr).toBe('kserver_client: the token has expired (HTTP 401); 2 of 3 pictures not scored\n');
    expect(calls).toBe(2);
  });

  it('lists what was scored and what was not with --json', async () => {
    let calls = 0;
    service = await startFakeService(() =>
      calls++ === 0 ? { json: SCORED } : { status: 401, json: { error: 'the token has expired' } },
    );
    const { stdout, code } = await run(['pics', 'bad.jpg', '--batch', '1', '--json']);
    expect(code).toBe(1);
    const document = documentSchema.parse(JSON.parse(stdout));
    expect(document.pictures).toMatchObject([
      { file: 'pics/face.jpg', response: SCORED },
      { file: 'pics/pixel.png', error: { status: 401, message: 'the token has expired' } },
      { file: 'bad.jpg', error: { status: 401, message: 'not scored: the token has expired' } },
    ]);
    expect(document.pictures.map((picture) => picture.call_ms !== undefined)).toEqual([true, true, false]);
    expect(document.summary).toMatchObject({ pictures: 3, faces: 1, errors: 2, calls: 2 });
  });

  it.each<[string, FakeAnswer, RegExp]>([
    [
      'a server error',
      { status: 503, json: { error: 'predictor restarting' } },
      /error: predictor restarting \(HTTP 503\)/,
    ],
    ['a cut connection', 'cut', /error: the connection to \S+ broke .*\(connection_lost\)/],
    ['silence', 'hang', /error: no answer from \S+ within 0\.3 s \(timeout\)/],
    ['an answer that is not JSON', { text: 'hi' }, /error: expected JSON from .*, received "hi" \(bad_answer\)/],
  ])('shows %s for each picture of the call and exits 1', async (_, answer, message) => {
    service = await startFakeService(() => answer);
    const { stdout, stderr, code } = await run(['pics', '--timeout', '0.3']);
    expect(code).toBe(1);
    expect(stderr).toBe('');
    expect(stdout.match(new RegExp(message, 'g'))).toHaveLength(2);
  });

  it.each([
    [['--batch', '0', 'pics'], 'kserver_client: --batch: expected a whole number from 1 to 256, received "0"\n'],
    [[], 'kserver_client: no FILE or FOLDER is named\n'],
    [['nowhere.jpg', 'pics'], 'kserver_client: nowhere.jpg: no such file or folder\n'],
  ])('exits 2 for wrong usage %j', async (args, problem) => {
    const { stdout, stderr, code } = await run(args, { url: 'http://127.0.0.1:1' });
    expect({ stdout, stderr, code }).toEqual({ stdout: '', stderr: `${problem}Try kserver_client --help\n`, code: 2 });
  });

  it('prints help and version', async () => {
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(await readFile('client/package.json', 'utf8')));
    await expect(run(['--help'])).resolves.toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Usage: /) as string,
    });
    await expect(run(['--version'])).resolves.toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});
