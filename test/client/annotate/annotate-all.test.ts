import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientError, type InputResult } from '../../../client/src/index.js';
import sharp from 'sharp';
import { annotateAll } from '../../../client/src/annotate/annotate-all.js';
import { drawBanner } from '../../../client/src/drawing/plates.js';

let folder = '';
const call = { id: 0, ms: 1, inputs: 1 };
const resultOf = (name: string, bytes: Uint8Array): InputResult<string> => ({
  input: { name, bytes: () => Promise.resolve(bytes) },
  call,
  answer: 'a cat',
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'client-annotate-'));
});

afterEach(() => rm(folder, { recursive: true }));

describe('annotateAll()', () => {
  it('writes each picture into the folder and says where', async () => {
    const picture = await readFile('samples/faces/base_q92.jpg');
    const results = [resultOf('a/x.jpg', picture), resultOf('b/x.jpg', picture)];
    const { written, problems } = await annotateAll(results, { folder, draw: drawBanner });
    expect(problems).toEqual([]);
    expect([...written]).toEqual([
      [results[0], join(folder, 'x.jpg')],
      [results[1], join(folder, 'b-x.jpg')],
    ]);
    await expect(sharp(join(folder, 'b-x.jpg')).metadata()).resolves.toMatchObject({ format: 'jpeg', width: 400 });
  });

  it('replaces what an earlier run wrote, and never writes through a link', async () => {
    const picture = await readFile('samples/faces/base_q92.jpg');
    const original = join(folder, 'original.jpg');
    const out = join(folder, 'out');
    await mkdir(out);
    await writeFile(original, picture);
    await symlink(original, join(out, 'x.jpg'));
    await annotateAll([resultOf('x.jpg', picture)], { folder: out, draw: drawBanner });
    await annotateAll([resultOf('x.jpg', picture)], { folder: out, draw: drawBanner });
    await expect(readFile(original)).resolves.toEqual(picture);
    expect((await readFile(join(out, 'x.jpg'))).equals(picture)).toBe(false);
  });

  it('goes on after a picture that cannot be drawn', async () => {
    const results = [
      resultOf('bad.jpg', Buffer.from('hello')),
      resultOf('good.jpg', await readFile('samples/faces/grey.jpg')),
    ];
    const { written, problems } = await annotateAll(results, { folder, draw: drawBanner });
    expect(problems).toEqual([expect.stringMatching(/^bad\.jpg: cannot be annotated: .*unsupported image format$/)]);
    expect([...written.values()]).toEqual([join(folder, 'good.jpg')]);
  });

  it('draws an error as a banner in red', async () => {
    const white = { create: { width: 400, height: 300, channels: 3, background: '#ffffff' } } as const;
    const input = { name: 'x.png', bytes: await sharp(white).png().toBuffer() };
    const error = new ClientError('no', { code: 'unprocessable' });
    await annotateAll([{ input, error }], { folder, draw: drawBanner });
    const { data, info } = await sharp(join(folder, 'x.png')).raw().toBuffer({ resolveWithObject: true });
    const last = data.subarray((info.width * info.height - 2) * info.channels);
    expect([...last.subarray(0, 3)]).toEqual([239, 68, 68]);
  });
});
