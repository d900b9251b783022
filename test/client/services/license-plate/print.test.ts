import { ClientError } from '../../../../client/src/index.js';
import { plateLines } from '../../../../client/src/services/license-plate/layout.js';
import { print, printPlate } from '../../../../client/src/services/license-plate/print.js';
import { answered, failed } from '../results.js';
import { ONE_LINE, TWO_LINES } from './plates.js';

describe('license_plate: printPlate()', () => {
  it('lays out two lines as on the plate, the region above', () => {
    expect(printPlate(TWO_LINES)).toBe(
      [
        '  ┌─────────┐  two-line-region',
        '  │ 서울 12 │  confidence 0.988',
        '  │ 가 3456 │  box 100,50 to 220,110',
        '  └─────────┘',
      ].join('\n'),
    );
  });

  it('lays out one line as one', () => {
    expect(printPlate(ONE_LINE)).toBe(
      [
        '  ┌────────────┐  one-line',
        '  │ 123가 3456 │  confidence 0.988',
        '  └────────────┘  box 100,50 to 220,110',
      ].join('\n'),
    );
  });

  it('centres the shorter line', () => {
    const plate = { ...TWO_LINES, shape: 'two-line', region: '', text: '12가3456' };
    expect(printPlate(plate).split('\n').slice(1, 3)).toEqual([
      '  │ 12가 │  confidence 0.988',
      '  │ 3456 │  box 100,50 to 220,110',
    ]);
    const wide = { ...TWO_LINES, symbol: 'A', serial: '12345678', text: '서울12A12345678' };
    expect(printPlate(wide).split('\n')[1]).toBe('  │  서울 12   │  confidence 0.988');
  });

  it('lets no control character of a plate through', () => {
    expect(printPlate({ ...ONE_LINE, shape: 'x\u001b[2J', serial: '\u0007' })).not.toMatch(/[^\P{Cc}\n]/u);
  });
});

describe('license_plate: plateLines()', () => {
  it.each([
    ['with spaces in its text', { ...TWO_LINES, text: '서울 12 가 3456' }, ['서울 12', '가 3456']],
    ['of one line with a region', { ...TWO_LINES, shape: 'one-line-region' }, ['서울 12가 3456']],
    ['whose text says something else', { ...TWO_LINES, text: '?' }, ['서울', '가 3456']],
    ['of which only the serial was read', { ...ONE_LINE, symbol: '', text: '3456' }, ['3456']],
    ['of which nothing was read', { ...ONE_LINE, symbol: '', serial: '', text: '' }, ['']],
  ])('lays out a plate %s', (_, plate, lines) => {
    expect(plateLines(plate)).toEqual(lines);
  });
});

describe('license_plate: print()', () => {
  it('goes picture by picture, errors and pictures without a plate in their place', () => {
    const results = [
      answered('two.jpg', [ONE_LINE, ONE_LINE]),
      answered('none.jpg', []),
      failed('bad.jpg', new ClientError('not a picture', { code: 'unprocessable' })),
    ];
    const text = print(results);
    expect(text.match(/│ 123가 3456 │/g)).toHaveLength(2);
    expect(text.split('\n').filter((line) => line.includes('.jpg'))).toEqual([
      'two.jpg:',
      'none.jpg: no plate',
      'bad.jpg: error: not a picture (unprocessable)',
    ]);
  });
});
