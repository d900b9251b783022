import { toBatches } from '../../client/src/batches.js';
import type { NamedPicture } from '../../client/src/picture.js';

const picture = (name: string, size = 1): NamedPicture => ({ name, bytes: new Uint8Array(size) });
const unreadable = (name: string): NamedPicture => ({ name, bytes: () => Promise.reject(new Error('no access')) });

async function namesOf(pictures: readonly NamedPicture[], maxPictures: number, maxBytes: number) {
  const names: (string | string[])[] = [];
  for await (const batch of toBatches(pictures, { maxPictures, maxBytes })) {
    names.push(
      'error' in batch ? `${batch.picture.name}: ${batch.error.message}` : batch.map((one) => one.picture.name),
    );
  }
  return names;
}

describe('toBatches()', () => {
  it.each<[string, NamedPicture[], (string | string[])[]]>([
    ['nothing', [], []],
    ['fewer than the limit', [picture('a'), picture('b')], [['a', 'b']]],
    ['one more than the limit', ['a', 'b', 'c', 'd'].map((name) => picture(name)), [['a', 'b', 'c'], ['d']]],
    ['exactly the bytes', [picture('a', 6), picture('b', 4)], [['a', 'b']]],
    ['one byte too many', [picture('a', 6), picture('b', 5)], [['a'], ['b']]],
    ['a picture above the bytes', [picture('a'), picture('b', 50), picture('c')], [['a'], ['b'], ['c']]],
    [
      'one that cannot be read',
      [picture('a'), unreadable('b'), picture('c')],
      [['a'], 'b: cannot be read: no access', ['c']],
    ],
    [
      'none that can be read',
      [unreadable('a'), unreadable('b')],
      ['a: cannot be read: no access', 'b: cannot be read: no access'],
    ],
  ])('groups %s', async (_, pictures, expected) => {
    await expect(namesOf(pictures, 3, 10)).resolves.toEqual(expected);
  });

  it('reads no further than what is asked for', async () => {
    let reads = 0;
    const read = () => Promise.resolve(new Uint8Array(++reads));
    const pictures = ['a', 'b', 'c', 'd'].map((name) => ({ name, bytes: read }));
    await toBatches(pictures, { maxPictures: 1, maxBytes: 100 }).next();
    expect(reads).toBe(2);
  });

  it('refuses a picture that is too large for a JSON text', async () => {
    const bytes = { length: 2 ** 28 + 1 } as Uint8Array;
    await expect(namesOf([{ name: 'a', bytes }], 3, 10)).resolves.toEqual([
      'a: expected a picture of at most 268435456 bytes, received 268435457',
    ]);
  });
});
