import { ClientError } from '../../../../client/src/index.js';
import { other } from '../../../../client/src/services/other/index.js';
import { answered, failed } from '../results.js';

describe('other: print()', () => {
  it('shows each prediction as JSON behind the name of its input, and its explanation below', () => {
    const results = [
      answered('a.png', { tabby: 0.7 }),
      answered('b.png', 3, [0.1]),
      failed('c.png', new ClientError('busy', { status: 429 })),
    ];
    expect(other.print(results)).toBe(
      ['a.png: {"tabby":0.7}', 'b.png: 3', '  explanation: [0.1]', 'c.png: error: busy (HTTP 429)'].join('\n'),
    );
  });

  it('lets no control character through to the terminal', () => {
    expect(other.print([answered('a', { '\u009b2J': '\n' })])).not.toMatch(/\p{Cc}/u);
  });
});
