import { toBatches } from '../../client/src/batches.js';
import type { NamedInput } from '../../client/src/named-input.js';

const input = (name: string, size = 1): NamedInput => ({ name, bytes: new Uint8Array(size) });
const unreadable = (name: string): NamedInput => ({ name, bytes: () => Promise.reject(new Error('no access')) });

async function namesOf(inputs: readonly NamedInput[], maxInputs: number, maxBytes: number) {
  const names: (string | string[])[] = [];
  for await (const batch of toBatches(inputs, { maxInputs, maxBytes })) {
    names.push('error' in batch ? `${batch.input.name}: ${batch.error.message}` : batch.map((one) => one.input.name));
  }
  return names;
}

describe('toBatches()', () => {
  it.each<[string, NamedInput[], (string | string[])[]]>([
    ['nothing', [], []],
    ['fewer than the limit', [input('a'), input('b')], [['a', 'b']]],
    ['one more than the limit', ['a', 'b', 'c', 'd'].map((name) => input(name)), [['a', 'b', 'c'], ['d']]],
    ['exactly the bytes', [input('a', 6), input('b', 4)], [['a', 'b']]],
    ['one byte too many', [input('a', 6), input('b', 5)], [['a'], ['b']]],
    ['an input above the bytes', [input('a'), input('b', 50), input('c')], [['a'], ['b'], ['c']]],
    [
      'one that cannot be read',
      [input('a'), unreadable('b'), input('c')],
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
    await toBatches(pictures, { maxInputs: 1, maxBytes: 100 }).next();
    expect(reads).toBe(2);
  });

  it('refuses an input that is too large for a JSON text', async () => {
    const bytes = { length: 2 ** 28 + 1 } as Uint8Array;
    await expect(namesOf([{ name: 'a', bytes }], 3, 10)).resolves.toEqual([
      'a: expected at most 268435456 bytes, received 268435457',
    ]);
  });
});
