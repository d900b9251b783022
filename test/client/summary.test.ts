import { ClientError, type InputResult } from '../../client/src/index.js';
import { type Summary, summarize, summaryLine, summaryObject } from '../../client/src/summary.js';

const input = { name: 'a.jpg', bytes: new Uint8Array() };
const call = (id: number, ms: number) => ({ id, ms, inputs: 2 });
const error = new ClientError('not an image');
/** Answers that say how many faces there are. */
const RESULTS: InputResult<number>[] = [
  { input, call: call(0, 10), answer: 2 },
  { input, call: call(0, 10), answer: 0 },
  { input, call: call(1, 31.26), error },
  { input, call: call(1, 31.26), answer: 1 },
  { input, call: call(2, 20), answer: 1 },
  { input, error },
];
const WORDS = { input: { one: 'picture', many: 'pictures' }, found: { one: 'face', many: 'faces' } };
const countFound = (faces: number) => faces;

describe('summarize()', () => {
  it('counts inputs, what was found and errors, and each call once', () => {
    expect(summarize(RESULTS, { totalMs: 1500, countFound })).toEqual({
      inputs: 6,
      found: 4,
      errors: 2,
      seconds: 1.5,
      inputsPerSecond: 4,
      calls: 3,
      callMs: { p50: 20, max: 31.3 },
    });
  });

  it('takes the lower middle of an even number of calls', () => {
    expect(summarize(RESULTS.slice(0, 4), { totalMs: 100 }).callMs).toEqual({ p50: 10, max: 31.3 });
  });

  it('knows no time of a call where there was none, and counts nothing found where nothing is looked for', () => {
    const nothing = { inputs: 0, errors: 0, seconds: 0, inputsPerSecond: 0, calls: 0 };
    expect(summarize([], { totalMs: 0 })).toEqual(nothing);
  });
});

describe('summaryLine()', () => {
  const lineOf = (results: InputResult<number>[], totalMs: number) =>
    summaryLine(summarize(results, { totalMs, countFound }), WORDS);

  it('is one line', () => {
    expect(lineOf(RESULTS, 1500)).toBe(
      '6 pictures, 4 faces, 2 errors in 1.50 s, 4 pictures/s; 3 calls, p50 20 ms, max 31.3 ms per call',
    );
  });

  it('speaks of one thing in the singular', () => {
    expect(lineOf(RESULTS.slice(4, 5), 500)).toMatch(/^1 picture, 1 face, 0 errors .*; 1 call, /);
  });

  it('does not speak of things that nobody looks for', () => {
    const summary = summarize(RESULTS.slice(2, 3), { totalMs: 500 });
    expect(summaryLine(summary, { input: { one: 'text', many: 'texts' } })).toMatch(/^1 text, 1 error in .* texts\/s;/);
  });
});

describe('summaryObject()', () => {
  it('calls what is counted by its own name', () => {
    const summary: Summary = { inputs: 2, found: 3, errors: 0, seconds: 1, inputsPerSecond: 2, calls: 0 };
    expect(summaryObject(summary, WORDS)).toEqual({
      pictures: 2,
      faces: 3,
      errors: 0,
      seconds: 1,
      pictures_per_second: 2,
      calls: 0,
    });
  });
});
