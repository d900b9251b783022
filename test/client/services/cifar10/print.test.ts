import { ClientError } from '../../../../client/src/index.js';
import { shareOf } from '../../../../client/src/services/cifar10/answer.js';
import { draw } from '../../../../client/src/services/cifar10/overlay.js';
import { print } from '../../../../client/src/services/cifar10/print.js';
import { answered, failed, rectangles } from '../results.js';

const DEER = { label: 'deer', index: 1, logits: [0, Math.log(3)] };

describe('cifar10: print()', () => {
  it('has a row per picture with class, logit and share, and errors in their place', () => {
    const error = new ClientError('not a picture', { code: 'unprocessable' });
    expect(print([answered('a.png', DEER), failed('b.png', error)])).toBe(
      [
        ' file    label   index   logit   share',
        ' a.png   deer    1       1.10    0.750',
        ' b.png                           error: not a picture (unprocessable)',
      ].join('\n'),
    );
  });

  it('lets no control character through to the terminal', () => {
    expect(print([answered('a', { ...DEER, label: 'x\u001b[2J' })])).not.toMatch(/[^\P{Cc}\n]/u);
  });
});

describe('cifar10: shareOf()', () => {
  it('is the softmax, of large logits too', () => {
    expect(shareOf({ label: '', index: 0, logits: [1000, 1000, 1000, 1000] }, 2)).toBe(0.25);
  });
});

describe('cifar10: draw()', () => {
  it('writes class and share on a banner', () => {
    const svg = draw({ prediction: DEER }, { widthPx: 400, heightPx: 300, scale: 1 });
    expect(rectangles(svg)).toMatchObject([{ x: 0, width: 400 }]);
  });
});
