import { ClientError } from '../../../../client/src/index.js';
import { print } from '../../../../client/src/services/helmet-detection/print.js';
import { answered, failed } from '../results.js';

const HELMET = { x1: 0.1, y1: 0.2, x2: 0.3, y2: 0.4056, confidence: 0.9123, class: 'helmet' };

describe('helmet_detection: print()', () => {
  it('has a row per box, with the name and the number of boxes on the first', () => {
    const results = [
      answered('a.jpg', [HELMET, { ...HELMET, class: 7, confidence: 0.5 }]),
      answered('empty.jpg', []),
      failed('bad.jpg', new ClientError('not a picture', { code: 'unprocessable' })),
    ];
    expect(print(results)).toBe(
      [
        ' file        boxes   class    confidence   x1      y1      x2      y2',
        ' a.jpg       2       helmet   0.912        0.100   0.200   0.300   0.406',
        '                     7        0.500        0.100   0.200   0.300   0.406',
        ' empty.jpg   0',
        ' bad.jpg                                                           error: not a picture (unprocessable)',
      ].join('\n'),
    );
  });
});
