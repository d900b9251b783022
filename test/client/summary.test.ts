import { ClientError, type PictureResult } from '../../client/src/index.js';
import { summarize, summaryLine } from '../../client/src/summary.js';
import { FACE, NO_FACE, SCORED } from './faces.js';

const picture = { name: 'a.jpg', bytes: new Uint8Array() };
const twoFaces = { ...SCORED, data: [FACE, FACE] };
const call = (id: number, ms: number) => ({ id, ms, pictures: 2 });
const error = new ClientError('not an image');
const RESULTS: PictureResult[] = [
  { picture, call: call(0, 10), response: twoFaces },
  { picture, call: call(0, 10), response: NO_FACE },
  { picture, call: call(1, 31.26), error },
  { picture, call: call(1, 31.26), response: SCORED },
  { picture, call: call(2, 20), response: SCORED },
  { picture, error },
];

describe('summarize()', () => {
  it('counts pictures, faces and errors, and each call once', () => {
    expect(summarize(RESULTS, 1500)).toEqual({
      pictures: 6,
      faces: 4,
      errors: 2,
      seconds: 1.5,
      pictures_per_second: 4,
      calls: 3,
      call_ms: { p50: 20, max: 31.3 },
    });
  });

  it('takes the lower middle of an even number of calls', () => {
    expect(summarize(RESULTS.slice(0, 4), 100).call_ms).toEqual({ p50: 10, max: 31.3 });
  });

  it('knows no time of a call where there was none', () => {
    const nothing = { pictures: 0, faces: 0, errors: 0, seconds: 0, pictures_per_second: 0, calls: 0 };
    expect(summarize([], 0)).toEqual(nothing);
  });
});

describe('summaryLine()', () => {
  it('is one line', () => {
    expect(summaryLine(summarize(RESULTS, 1500))).toBe(
      '6 pictures, 4 faces, 2 errors in 1.50 s, 4 pictures/s; 3 calls, p50 20 ms, max 31.3 ms per call',
    );
  });

  it('speaks of one thing in the singular', () => {
    expect(summaryLine(summarize(RESULTS.slice(4, 5), 500))).toMatch(/^1 picture, 1 face, 0 errors .*; 1 call, /);
  });
});
