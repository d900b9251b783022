import { ClientError } from '../../client/src/index.js';
import { errorText } from '../../client/src/table.js';

describe('errorText()', () => {
  it.each([
    [new ClientError('late', { code: 'timeout' }), 'error: late (timeout)'],
    [new ClientError('busy', { status: 429 }), 'error: busy (HTTP 429)'],
    [new ClientError('odd'), 'error: odd'],
    [new ClientError('two\nlines'), 'error: two lines'],
  ])('says kind and message', (error, text) => {
    expect(errorText(error)).toBe(text);
  });
});
