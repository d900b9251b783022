import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readLocalPicture } from '../../../src/imaging/sources/local-picture.js';
import { serviceErrorOf } from '../../helpers/service-error-of.js';

describe('readLocalPicture()', () => {
  let base: string;
  let folder: string;
  beforeAll(() => {
    base = mkdtempSync(path.join(tmpdir(), 'pictures-'));
    folder = path.join(base, 'inside');
    mkdirSync(path.join(folder, 'deep'), { recursive: true });
    writeFileSync(path.join(folder, 'a.png'), 'picture');
    writeFileSync(path.join(folder, 'deep', 'b.png'), 'deep');
    writeFileSync(path.join(base, 'secret'), 'secret');
    mkdirSync(path.join(base, 'inside-too'));
    writeFileSync(path.join(base, 'inside-too', 'c.png'), 'neighbour');
    symlinkSync(path.join(base, 'secret'), path.join(folder, 'link'));
    symlinkSync(path.join(folder, 'a.png'), path.join(folder, 'good-link'));
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  const read = (name: string, maxBytes = 100) => readLocalPicture(name, { folder, maxBytes });

  it.each([
    ['a.png', 'picture'],
    ['./deep/../a.png', 'picture'],
    ['deep/b.png', 'deep'],
    ['good-link', 'picture'],
  ])('reads %s', async (name, content) => {
    expect(Buffer.from(await read(name)).toString()).toBe(content);
  });

  it('takes an absolute path that lies inside', async () => {
    expect(Buffer.from(await read(path.join(folder, 'a.png'))).toString()).toBe('picture');
  });

  it.each([['../secret'], ['../inside-too/c.png'], ['link'], ['/etc/hostname'], ['deep/../../secret']])(
    'refuses %s, which leads out of the folder',
    async (name) => {
      const error = await serviceErrorOf(read(name));
      expect(error.code).toBe('permission_denied');
      expect(error.message).not.toContain(base);
    },
  );

  it.each([['missing.png'], ['../nothing-here'], ['deep'], ['.'], ['a.png\0.jpg']])(
    'has no file at %j',
    async (name) => {
      const error = await serviceErrorOf(read(name));
      expect(error.code).toBe('not_found');
      expect(error.message).not.toContain(base);
    },
  );

  it('refuses a file over the limit, before it is read', async () => {
    expect(await serviceErrorOf(read('a.png', 6))).toMatchObject({
      code: 'payload_too_large',
      message: 'the file has 7 bytes, more than the limit of 6 bytes (--max_body_bytes)',
    });
  });
});
