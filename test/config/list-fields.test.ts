import type * as z from 'zod';
import { distinctWords, headerNames, isPatternFor, readyModels } from '../../src/config/list-fields.js';

function read(option: z.ZodType, given: unknown): unknown {
  const { data, error } = option.safeParse(given);
  return error === undefined ? data : error.issues.map(({ message }) => message).join();
}

describe('headerNames()', () => {
  it.each([
    ['x-request-id', ['x-request-id']],
    ['X-Request-Id , Authorization', ['x-request-id', 'authorization']],
    ['X-My-*,', ['x-my-*']],
    ['*', ['*']],
    ['/^X-B3-/', ['/^X-B3-/']],
    ['a, /^x-.{1,3}$/ ,b', ['a', '/^x-.{1,3}$/', 'b']],
    ['/^x-(a|b)/,/^y,z/', ['/^x-(a|b)/', '/^y,z/']],
    ['none', []],
    [
      ['x-a', ' /^b/ '],
      ['x-a', '/^b/'],
    ],
    [[], []],
  ])('reads %j', (given, names) => {
    expect(read(headerNames(), given)).toEqual(names);
  });

  it.each(['', 'x a', 'x:a', 'x*y', '/(/', '/^x', ['x', 1], 7, { x: 1 }])('refuses %j', (given) => {
    expect(read(headerNames(), given)).toMatch(/^expects names, prefixes such as x-my-\*, expressions .*, received /);
  });
});

describe('isPatternFor()', () => {
  it.each([
    ['auth*', true],
    ['*', true],
    ['/^AUTH/', true],
    ['/zation$/', true],
    ['x-*', false],
    ['/^x-/', false],
    ['authorization', false],
  ])('%s for authorization: %s', (entry, answer) => {
    expect(isPatternFor(entry, 'authorization')).toBe(answer);
  });
});

describe('distinctWords()', () => {
  it.each([
    ['A', ['A']],
    ['가, 나 ,다,', ['가', '나', '다']],
    ['none', []],
    [
      ['A', ' B'],
      ['A', 'B'],
    ],
  ])('reads %j', (given, words) => {
    expect(read(distinctWords(), given)).toEqual(words);
  });

  it.each(['', 'A,B,A', 'A B', ['A', 1], 7])('refuses %j', (given) => {
    expect(read(distinctWords(), given)).toMatch(/^expects words separated by commas, none twice; or none, received /);
  });
});

describe('readyModels()', () => {
  it.each([
    ['chain', 'chain'],
    ['none', 'none'],
    ['face_detect', ['face_detect']],
    ['a, b', ['a', 'b']],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
  ])('reads %j', (given, value) => {
    expect(read(readyModels(), given)).toEqual(value);
  });

  it.each(['', ' , ', 'a b', [], ['a', ''], 5])('refuses %j', (given) => {
    expect(read(readyModels(), given)).toContain("expects chain, none, or models' names on the predictor");
  });
});
