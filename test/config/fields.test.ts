import type * as z from 'zod';
import { acceptedBy, choice, decimal, flag, integer, isFlag, text } from '../../src/config/fields.js';

function read(option: z.ZodType, given: unknown): unknown {
  const { data, error } = option.safeParse(given);
  return error === undefined ? data : error.issues.map(({ message }) => message).join();
}

describe('flag()', () => {
  it.each(['y', 'yes', 't', 'true', 'on', '1', 'TRUE', ' Yes ', true, 1])('takes %j for yes', (given) => {
    expect(read(flag(), given)).toBe(true);
  });

  it.each(['n', 'no', 'f', 'false', 'off', '0', 'FALSE', false, 0])('takes %j for no', (given) => {
    expect(read(flag(), given)).toBe(false);
  });

  it.each(['', 'maybe', '2', 2, null, {}, [true]])('refuses %j', (given) => {
    expect(read(flag(), given)).toBe(
      `expects true or false (y, yes, t, on, 1; n, no, f, off, 0), received ${JSON.stringify(given)}`,
    );
  });

  it('is known as one, also with a default', () => {
    expect([flag(), flag().default(true), text(), text().optional()].map(isFlag)).toEqual([true, true, false, false]);
  });
});

describe.each<[string, z.ZodType, string, unknown, unknown[]]>([
  ['integer()', integer({ min: 1, max: 9 }), '7', 7, ['1.5', '', '0', '10', true]],
  ['decimal()', decimal({ min: 0.5, max: 9 }), '0.5', 0.5, ['0.4', '', 'x', null]],
  ['choice()', choice(['a', 'b']), 'b', 'b', ['c', '', 1]],
  ['text()', text('a word', /^\w+$/), ' word ', 'word', ['two words', ' ', 1]],
])('%s', (_, option, given, value, bad) => {
  it(`takes ${JSON.stringify(given)}`, () => {
    expect(read(option, given)).toBe(value);
  });

  it.each(bad.map((wrong) => [wrong]))('refuses %j', (wrong) => {
    expect(read(option, wrong)).toBe(`expects ${acceptedBy(option)}, received ${JSON.stringify(wrong)}`);
  });
});
