import type { Response } from 'common-data-type';
import { ClientError } from '../../../../client/src/index.js';
import type { FaceShares } from '../../../../client/src/services/facequality/answer.js';
import { print } from '../../../../client/src/services/facequality/print.js';
import type { ServiceResult } from '../../../../client/src/services/service.js';
import { FACE, NO_FACE, SCORED } from '../../faces.js';

type Result = ServiceResult<Response, FaceShares[]>;

const call = { id: 0, ms: 5, inputs: 1 };
const input = (name: string) => ({ name, bytes: new Uint8Array() });
const answered = (name: string, prediction: Response, explanation?: FaceShares[]): Result => ({
  input: input(name),
  call,
  answer: { prediction, ...(explanation === undefined ? {} : { explanation }) },
});
/** The rows below the head, columns divided by |. */
const rowsOf = (...results: Result[]) =>
  print(results)
    .split('\n')
    .slice(1)
    .map((row) => row.trim().replace(/ {2,}/g, '|'));

describe('print()', () => {
  it('has a head and one row per picture', () => {
    expect(print([answered('a.jpg', SCORED)])).toBe(
      [
        ' file    size      faces   quality   yaw/pitch/roll   live   weakest',
        ' a.jpg   400×400   1       81        0 / -11 / 3      1.00   inter_eye_distance 21, sharpness 71',
      ].join('\n'),
    );
  });

  it('has one row per face, with the name on the first', () => {
    const two = { ...SCORED, data: [FACE, { ...FACE, quality: 40, components: { occlusion: 0.4, sharpness: 50 } }] };
    expect(rowsOf(answered('a.jpg', two))).toEqual([
      'a.jpg|400×400|2|81|0 / -11 / 3|1.00|inter_eye_distance 21, sharpness 71',
      '40|0 / -11 / 3|1.00|occlusion 0, sharpness 50',
    ]);
  });

  it('says why there is no score', () => {
    expect(rowsOf(answered('a.jpg', NO_FACE))).toEqual(['a.jpg|64×48|0|0|no_face']);
  });

  it('shows the score alone for the simple chain', () => {
    const simple: Response = { data: [{ score: 0.8125 }], extra_info: { width: 9, height: 8, chain: 'simple' } };
    expect(rowsOf(answered('a.jpg', simple))).toEqual(['a.jpg|9×8|0.813']);
  });

  it('weighs components: one that counts more costs more at the same value', () => {
    const components = { over_exposure: 20, sharpness: 20, margin_above: 0, eyes_open: 20 };
    const weighed = { ...SCORED, data: [{ ...FACE, components }] };
    expect(rowsOf(answered('a.jpg', weighed))[0]).toMatch(/\|sharpness 20, eyes_open 20$/);
  });

  it('shows no component that is perfect', () => {
    const perfect = { ...SCORED, data: [{ ...FACE, components: { sharpness: 100, occlusion: 100 } }] };
    expect(rowsOf(answered('a.jpg', perfect))[0]).toMatch(/\|1\.00$/);
  });

  it('shows an error in place of scores', () => {
    const error = new ClientError('not an image', { code: 'unprocessable' });
    expect(rowsOf({ input: input('a.jpg'), call, error })).toEqual(['a.jpg|error: not an image (unprocessable)']);
  });

  it('lets no control character through to the terminal', () => {
    const error = new ClientError('\u001b[31mred');
    expect(print([{ input: input('a\nb\u0007.jpg'), call, error }])).not.toMatch(/[^\P{Cc}\n]/u);
    expect(rowsOf({ input: input('a\nb.jpg'), call, error })).toHaveLength(1);
  });

  it('shows control characters in names as ?', () => {
    expect(rowsOf(answered('a\u001b[2J\n.jpg', NO_FACE))).toEqual(['a?[2J?.jpg|64×48|0|0|no_face']);
  });

  it('shows what the service says that each component costs, where it was asked', () => {
    const shares = { sharpness: 0.031, occlusion: 0, inter_eye_distance: 0.17 };
    const [head, row] = print([answered('a.jpg', SCORED, [shares])]).split('\n');
    expect(head).toMatch(/ live +lost by$/);
    expect(row).toMatch(/ 1\.00 +inter_eye_distance 0\.170, sharpness 0\.031$/);
    expect(rowsOf(answered('a.jpg', NO_FACE, []))).toEqual(['a.jpg|64×48|0|0|no_face']);
  });
});
