import { readEvents } from '../../../../src/predictor/triton/http/server-sent-events.js';
import { serviceErrorOf } from '../../../helpers/service-error-of.js';

/** The bytes in pieces of that size, with empty ones between them. */
async function* inPieces(bytes: Uint8Array, size = bytes.length): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) {
    yield bytes.subarray(start, start + size);
    yield new Uint8Array(0);
  }
}

async function eventsOf(pieces: AsyncIterable<Uint8Array>, maxLength = 1000): Promise<string[]> {
  const events: string[] = [];
  for await (const event of readEvents(pieces, { maxLength, subject: 'model llama' })) events.push(event);
  return events;
}

describe('readEvents()', () => {
  it.each([
    ['one line', 'data: a\n\n', ['a']],
    ['several events', 'data: a\n\ndata: b\n\n', ['a', 'b']],
    ['lines that end in CR LF', 'data: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n', ['a\nb', 'c']],
    ['lines that end in CR', 'data: a\rdata: b\r\rdata: c\r\r', ['a\nb', 'c']],
    ['lines of several ends', 'data: a\r\n\rdata: b\n\r\n', ['a', 'b']],
    ['data of several lines', 'data: a\ndata\ndata:\ndata: b\n\n', ['a\n\n\nb']],
    ['no space, or more of them', 'data:a\n\ndata:  b \n\n', ['a', ' b ']],
    ['colons', 'data: a: b\n\n', ['a: b']],
    ['an empty line as data', 'data:\n\n', ['']],
    ['comments', ': hello\ndata: a\n:\ndata: b\n\n: bye\n\n', ['a\nb']],
    ['other fields', 'event: token\nid: 7\nretry: 10\ndata: a\ndatum: b\ndata-x: c\n data: d\n\n', ['a']],
    ['events without data', 'event: ping\n\n\n\ndata: a\n\n', ['a']],
    ['a byte order mark', '\uFEFFdata: a\n\n', ['a']],
    ['a second byte order mark', '\uFEFF\uFEFFdata: a\n\ndata: \uFEFFb\n\n', ['\uFEFFb']],
    ['characters of two to four bytes', 'data: é€😀\n\n', ['é€😀']],
    ['nothing', '', []],
  ])('reads %s, however the bytes are cut', async (_, text, events) => {
    const bytes = Buffer.from(text, 'utf8');
    for (let size = 1; size <= bytes.length + 1; size++) expect(await eventsOf(inPieces(bytes, size))).toEqual(events);
  });

  it('gives an event as soon as it ends', async () => {
    let given = 0;
    const pieces = async function* () {
      for (const piece of ['data: a\n', '\nda', 'ta: b\n\n']) {
        given++;
        yield Buffer.from(piece);
      }
    };
    for await (const event of readEvents(pieces(), { maxLength: 10, subject: 'model llama' })) {
      expect([event, given]).toEqual(event === 'a' ? ['a', 2] : ['b', 3]);
    }
    expect(given).toBe(3);
  });

  it('puts a replacement in the place of bytes that are no UTF-8', async () => {
    expect(await eventsOf(inPieces(Buffer.from('data: \xff!\n\n', 'latin1')))).toEqual(['\uFFFD!']);
  });

  it('stops reading the pieces when the loop is left', async () => {
    let isReturned = false;
    const pieces = async function* () {
      try {
        for (;;) yield Buffer.from('data: a\n\n');
      } finally {
        isReturned = true;
      }
    };
    for await (const event of readEvents(pieces(), { maxLength: 10, subject: 'model llama' })) {
      expect(event).toBe('a');
      break;
    }
    expect(isReturned).toBe(true);
  });

  it.each([
    ['events', 'data: 45678\n\n'.repeat(100), 100],
    ['comments', ': 345678901\n'.repeat(100), 0],
  ])('takes any number of %s within the limit', async (_, text, count) => {
    expect(await eventsOf(inPieces(Buffer.from(text), 7), 11)).toHaveLength(count);
  });

  it.each([
    ['a line', 'data: 456789012'],
    ['data of several lines', 'data: 4567\ndata: 45\n'],
    ['empty data', 'data\n'.repeat(20)],
  ])('refuses %s over the limit, wherever it is cut', async (_, text) => {
    for (const size of [1, 3, text.length]) {
      const pieces = inPieces(Buffer.from(text), size);
      expect(await serviceErrorOf(eventsOf(pieces, 11))).toMatchObject({
        code: 'upstream_error',
        message: "The predictor's answer for model llama is not valid: it is larger than an answer may be",
      });
    }
  });

  it.each([
    ['a line', 'data: a\n\ndat'],
    ['an event', 'data: a\n\ndata: b\n'],
    ['a character', Buffer.from('data: a\n\né').subarray(0, -1)],
  ])('takes a stream that ends within %s for one that was cut', async (_, bytes) => {
    const events: string[] = [];
    const read = async () => {
      const pieces = inPieces(Buffer.from(bytes));
      for await (const event of readEvents(pieces, { maxLength: 100, subject: 'model llama' })) events.push(event);
    };
    expect(await serviceErrorOf(read())).toMatchObject({
      code: 'unavailable',
      message: 'The predictor went away while it worked on the call',
      isSafeToRetry: false,
    });
    expect(events).toEqual(['a']);
  });
});
