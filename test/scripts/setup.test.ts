import { assertNode, isInstalled } from '../../scripts/setup.mjs';

describe('assertNode()', () => {
  it.each(['20.19.0', '20.20.2', '22.1.0'])('takes Node.js %s', (version) => {
    expect(() => assertNode(version)).not.toThrow();
  });

  it.each(['20.18.9', '18.20.0'])('refuses Node.js %s', (version) => {
    expect(() => assertNode(version)).toThrow(
      `Node.js 20.19 or newer is needed; this is ${version}. See https://nodejs.org`,
    );
  });
});

describe('isInstalled()', () => {
  const lock = {
    packages: {
      '': {},
      'node_modules/zod': { version: '4.6.7' },
      'node_modules/common-data-type': {},
      'node_modules/other-platform': { version: '1.0.0', optional: true },
    },
  };
  const without = (place: string) => ({
    packages: Object.fromEntries(Object.entries(lock.packages).filter(([key]) => key !== place)),
  });

  it.each([
    ['all packages are there', lock, true],
    ['an optional package is missing', without('node_modules/other-platform'), true],
    ['there is no node_modules', undefined, false],
    ['a package is missing', without('node_modules/zod'), false],
    ['a workspace is not linked', without('node_modules/common-data-type'), false],
    [
      'a package is of another version',
      { packages: { ...lock.packages, 'node_modules/zod': { version: '4.6.8' } } },
      false,
    ],
    [
      'an optional package is of another version',
      { packages: { ...lock.packages, 'node_modules/other-platform': { version: '1.0.1', optional: true } } },
      false,
    ],
  ])('when %s', (_, installed, expected) => {
    expect(isInstalled(lock, installed)).toBe(expected);
  });
});
