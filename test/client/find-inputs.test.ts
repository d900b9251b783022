import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findInputs, type FindOptions } from '../../client/src/find-inputs.js';
import { readBytes } from '../../client/src/named-input.js';

let folder = '';
/** Its file is no regular one, as a pipe's is not. */
const socket = createServer();
const at = (name: string) => join(folder, name);

/** Finds below the test's folder and says paths relative to it. */
async function find(paths: readonly string[], options: Partial<FindOptions> = {}) {
  const readInput = () => Promise.reject(new Error('nobody asked for it'));
  const found = await findInputs(paths, { kinds: ['picture'], recursive: false, readInput, ...options });
  return {
    names: found.inputs.map(({ name }) => name.replace(`${folder}/`, '')),
    problems: found.problems.map((problem) => problem.replace(`${folder}/`, '')),
    inputs: found.inputs,
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'client-files-'));
  for (const name of ['pics/deep', 'pics/out', 'empty']) await mkdir(at(name), { recursive: true });
  for (const name of ['b.jpg', 'a.PNG', 'c.webp', 'notes.txt', 'one.json', 'deep/d.jpeg', 'out/a.png']) {
    await writeFile(at(`pics/${name}`), name);
  }
  await symlink(at('pics/b.jpg'), at('pics/linked.jpg'));
  await symlink(at('pics'), at('pics/loop'));
  await once(socket.listen(at('pics/socket.jpg')), 'listening');
  await symlink(at('pics/socket.jpg'), at('pics/linked-socket.jpg'));
  await symlink(at('pics'), at('pics/folder.jpg'));
  await symlink(at('gone'), at('pics/broken.jpg'));
});

afterAll(async () => {
  await new Promise((resolve) => socket.close(resolve));
  await rm(folder, { recursive: true });
});

describe('findInputs()', () => {
  it('takes files as named and reads them later', async () => {
    const { names, problems, inputs } = await find([at('pics/b.jpg'), at('pics/a.PNG')]);
    expect(names).toEqual(['pics/b.jpg', 'pics/a.PNG']);
    expect(problems).toEqual([]);
    await expect(Promise.all(inputs.map(readBytes))).resolves.toEqual([Buffer.from('b.jpg'), Buffer.from('a.PNG')]);
  });

  it('follows links to files', async () => {
    const { inputs, problems } = await find([at('pics/linked.jpg')]);
    expect(problems).toEqual([]);
    await expect(Promise.all(inputs.map(readBytes))).resolves.toEqual([Buffer.from('b.jpg')]);
  });

  it('takes the pictures in a folder by extension, sorted, and only what is a file', async () => {
    const { names } = await find([at('pics')]);
    expect(names).toEqual(['pics/a.PNG', 'pics/b.jpg', 'pics/c.webp', 'pics/linked.jpg']);
  });

  it('looks into folders inside folders when asked, not through links', async () => {
    const { names } = await find([at('pics')], { recursive: true });
    expect(names).toEqual([
      'pics/a.PNG',
      'pics/b.jpg',
      'pics/c.webp',
      'pics/deep/d.jpeg',
      'pics/linked.jpg',
      'pics/out/a.png',
    ]);
  });

  it('takes files of several kinds, each by its extension', async () => {
    const kinds: FindOptions['kinds'] = ['text', 'picture', 'instance'];
    const { inputs } = await find([at('pics')], { kinds });
    expect(inputs.map(({ name, kind }) => `${name.replace(`${folder}/`, '')} ${kind}`)).toEqual([
      'pics/a.PNG picture',
      'pics/b.jpg picture',
      'pics/c.webp picture',
      'pics/linked.jpg picture',
      'pics/notes.txt text',
      'pics/one.json instance',
    ]);
    const { problems } = await find([at('pics/b.jpg'), at('empty')], { kinds: ['text', 'instance'] });
    expect(problems).toEqual([
      'pics/b.jpg: no text or instance by its name (.txt .json)',
      'empty: no texts, instances in this folder (.txt .json)',
    ]);
  });

  it('cannot read a file that is not what its name says', async () => {
    await writeFile(at('latin1.txt'), Buffer.from([0xe4, 0xf6]));
    const { inputs, problems } = await find([at('latin1.txt'), at('pics/one.json')], { kinds: ['text', 'instance'] });
    expect(problems).toEqual([]);
    const readings = await Promise.allSettled(inputs.map(readBytes));
    expect(readings.map((reading) => (reading.status === 'rejected' ? String(reading.reason) : 'read'))).toEqual([
      'Error: this is no text in UTF-8',
      expect.stringMatching(/^Error: this is no JSON: /),
    ]);
  });

  it('passes over the folder that is to be written to', async () => {
    const { names } = await find([at('pics')], { recursive: true, outputFolder: at('pics/out') });
    expect(names).not.toContain('pics/out/a.png');
    expect(names).toContain('pics/deep/d.jpeg');
  });

  it('reads standard input for -', async () => {
    const readInput = () => Promise.resolve(Buffer.from('piped'));
    const { inputs } = await findInputs(['-'], { kinds: ['text', 'picture'], recursive: false, readInput });
    expect(inputs).toEqual([{ name: 'stdin', kind: 'text', bytes: Buffer.from('piped') }]);
  });

  it.each([
    ['gone.jpg', 'gone.jpg: no such file or folder'],
    ['pics/socket.jpg', 'pics/socket.jpg: neither a file nor a folder'],
    ['pics/linked-socket.jpg', 'pics/linked-socket.jpg: neither a file nor a folder'],
    ['pics/broken.jpg', 'pics/broken.jpg: no such file or folder'],
    ['pics/notes.txt', 'pics/notes.txt: no picture by its name (.jpg .jpeg .png .webp .gif .tif .tiff .avif)'],
    ['empty', 'empty: no pictures in this folder (.jpg .jpeg .png .webp .gif .tif .tiff .avif)'],
    ['pics/out', 'pics/out: lies in the folder that is to be written to; choose another one'],
    ['pics/out/a.png', 'pics/out/a.png: lies in the folder that is to be written to; choose another one'],
  ])('names what is wrong with %s', async (path, problem) => {
    const { problems } = await find([at(path), at('pics/b.jpg')], { outputFolder: at('pics/out') });
    expect(problems).toEqual([problem]);
  });
});
