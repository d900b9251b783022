import fc from 'fast-check';
import { ServiceError } from '../../../../src/errors.js';
import { AnswerReader } from '../../../../src/predictor/triton/http/answer-reader.js';
import { serviceErrorThrownBy } from '../../../helpers/service-error-of.js';

/** What a receiver was told, and what the reader says afterwards. */
interface Read {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyBytes: number | undefined;
  readonly body: string;
  readonly isDone: boolean;
  readonly keepAliveMs: number;
}

/** Reads pieces as they came, and the connection's end behind them if there is one. */
function read(pieces: readonly string[], { isEnded = false }: { isEnded?: boolean } = {}): Read {
  const seen = { status: 0, headers: {}, bodyBytes: undefined as number | undefined, body: '', ends: 0 };
  const reader = new AnswerReader('model faces', {
    onHead: ({ status, headers }, bodyBytes) => {
      Object.assign(seen, { status, headers: Object.fromEntries(headers), bodyBytes });
    },
    onBody: (piece) => {
      seen.body += piece.toString('latin1');
    },
    onEnd: () => {
      seen.ends += 1;
    },
  });
  for (const piece of pieces) reader.read(Buffer.from(piece, 'latin1'));
  if (isEnded && !reader.isDone) reader.endOfConnection();
  const { ends, ...told } = seen;
  expect(ends).toBe(reader.isDone ? 1 : 0);
  return { ...told, isDone: reader.isDone, keepAliveMs: reader.keepAliveMs };
}

/** An answer of these lines, each ended by CRLF. */
function answer(...lines: string[]): string {
  return lines.map((line) => `${line}\r\n`).join('');
}

const OK = 'HTTP/1.1 200 OK';

const SIZED = `${answer(OK, 'Content-Type: text/plain', 'Content-Length: 4', '')}four`;
const CHUNKED = answer(
  OK,
  'Transfer-Encoding: chunked',
  '',
  '3;name="va;lue"',
  'fou',
  '00001 ; x',
  'r',
  '0',
  'Checksum: 1',
  '',
);
const UNTIL_CLOSE = `${answer('HTTP/1.0 200 OK', '')}four`;
const INTERIM = `${answer('HTTP/1.1 100 Continue', '')}${answer('HTTP/1.1 103 Early Hints', 'Link: </a>', 'Content-Length: 5', '')}`;

const WHOLE: readonly (readonly [name: string, bytes: string])[] = [
  ['of an announced length', SIZED],
  ['in chunks', CHUNKED],
  ['up to the end of the connection', UNTIL_CLOSE],
  ['behind interim ones', INTERIM + SIZED],
  ['without a body', answer('HTTP/1.1 204 No Content', '')],
];

describe('AnswerReader', () => {
  it('gives the status, the headers and the body', () => {
    expect(read([SIZED])).toEqual({
      status: 200,
      headers: { 'content-type': 'text/plain', 'content-length': '4' },
      bodyBytes: 4,
      body: 'four',
      isDone: true,
      keepAliveMs: Infinity,
    });
  });

  it.each([
    ['in chunks, without their extensions and trailers', CHUNKED, undefined],
    ['up to the end of the connection', UNTIL_CLOSE, undefined],
    ['behind interim answers', INTERIM + SIZED, 4],
    ['whose length is said twice', `${answer(OK, 'Content-Length: 4, 4', 'content-length: 4', '')}four`, 4],
  ])('reads a body %s', (_, bytes, bodyBytes) => {
    expect(read([bytes], { isEnded: true })).toMatchObject({ status: 200, body: 'four', bodyBytes, isDone: true });
  });

  it.each([
    ['status 204, whatever its headers', answer('HTTP/1.1 204 No Content', 'Content-Length: 4', '')],
    ['status 304', answer('HTTP/1.1 304 Not Modified', 'Content-Length: 4', '')],
    ['length 0', answer(OK, 'Content-Length: 0', '')],
    ['no chunks', answer(OK, 'Transfer-Encoding: chunked', '', '0', '')],
  ])('ends an answer of %s with its head', (_, bytes) => {
    expect(read([bytes])).toMatchObject({ body: '', isDone: true, keepAliveMs: Infinity });
  });

  it.each([
    ['names in lower case', 'X-Name: a', { 'x-name': 'a' }],
    ['values without the spaces and tabs around them', 'x-name: \t a\tb  ', { 'x-name': 'a\tb' }],
    ['values without a space before them', 'x-name:a:b', { 'x-name': 'a:b' }],
    ['empty values', 'x-name:', { 'x-name': '' }],
    ['values beyond ASCII as Latin-1', 'x-name: \xe9\xa0', { 'x-name': '\xe9\xa0' }],
    ['a name that objects have', '__proto__: a', JSON.parse('{"__proto__":"a"}')],
    ['repeated ones joined', 'x-name: a\r\nx-name: b', { 'x-name': 'a, b' }],
  ])('gives headers: %s', (_, line, expected: Record<string, string>) => {
    const { headers } = read([answer(OK, 'Content-Length: 0', line, '')]);
    expect(headers).toEqual({ ...expected, 'content-length': '0' });
  });

  it.each(['HTTP/1.1 200', 'HTTP/1.1 200 ', 'HTTP/1.9 200 Fine \xe9'])('takes the status line %j', (line) => {
    expect(read([answer(line, 'Content-Length: 0', '')])).toMatchObject({ status: 200, isDone: true });
  });

  it('gives a reader of a known length the place for what comes next, and no other', () => {
    const place = Buffer.alloc(4);
    let received = 0;
    const reader = new AnswerReader('model faces', {
      onHead: () => undefined,
      space: () => place.subarray(received),
      onBody: (piece) => void (received += piece.length),
      onEnd: () => undefined,
    });
    expect(reader.space()).toBeUndefined();
    reader.read(Buffer.from(answer(OK, 'Content-Length: 4')));
    expect(reader.space()).toBeUndefined();
    reader.read(Buffer.from('\r\nf'));
    expect(reader.space()).toEqual(place.subarray(1));
    reader.read(Buffer.from('our'));
    expect(reader.space()).toBeUndefined();
  });

  describe('reads the same however the bytes are cut', () => {
    it.each(WHOLE)('from an answer %s', (_, bytes) => {
      const whole = read([bytes], { isEnded: true });
      expect(read(bytes.split(''), { isEnded: true })).toEqual(whole);
      const cuts = fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }));
      fc.assert(
        fc.property(cuts, (places) => {
          const sorted = [0, ...places.sort((a, b) => a - b), bytes.length];
          const pieces = sorted.slice(1).map((end, index) => bytes.slice(sorted[index], end));
          expect(read(pieces, { isEnded: true })).toEqual(whole);
        }),
      );
    });
  });

  describe('says that the server went away when the connection ends too early', () => {
    it.each(WHOLE.filter(([, bytes]) => bytes !== UNTIL_CLOSE))('within an answer %s', (_, bytes) => {
      for (let length = 0; length < bytes.length; length++) {
        const error = serviceErrorThrownBy(() => read(length === 0 ? [] : [bytes.slice(0, length)], { isEnded: true }));
        expect(error).toMatchObject({
          code: 'unavailable',
          message: 'The predictor went away while it worked on the call',
          isSafeToRetry: length === 0,
        });
      }
    });

    it('within the head of one that is as long as the connection', () => {
      const error = serviceErrorThrownBy(() => read(['HTTP/1.0 200 OK\r\n'], { isEnded: true }));
      expect(error).toMatchObject({ code: 'unavailable', isSafeToRetry: false });
    });
  });

  describe('tells how long the connection may idle', () => {
    it.each([
      ['as long as it likes', OK, [], Infinity],
      ['not at all when the server closes it', OK, ['Connection: x-name, Close'], 0],
      ['as long as the server says', OK, ['Keep-Alive: max=100, timeout=5'], 5000],
      ['not at all with HTTP/1.0', 'HTTP/1.0 200 OK', [], 0],
      ['with HTTP/1.0 when the server says so', 'HTTP/1.0 200 OK', ['connection: keep-alive'], Infinity],
    ])('%s', (_, first, lines, keepAliveMs) => {
      expect(read([answer(first, 'Content-Length: 0', ...lines, '')]).keepAliveMs).toBe(keepAliveMs);
    });

    it.each([
      ['before the answer has ended', SIZED.slice(0, -1), false],
      ['when more bytes come than the answer has', `${SIZED}x`, true],
      ['when the body ends with it', UNTIL_CLOSE, true],
    ])('not at all %s', (_, bytes, isDone) => {
      expect(read([bytes], { isEnded: isDone })).toMatchObject({ isDone, keepAliveMs: 0 });
    });
  });

  describe('refuses', () => {
    const LONG = 'x'.repeat(70_000);

    it.each([
      ['another protocol', ['SSH-2.0-OpenSSH_9.2']],
      ['another version', ['HTTP/2 200 OK']],
      ['a status of two digits', ['HTTP/1.1 20 OK']],
      ['a status below 100', ['HTTP/1.1 099 OK']],
      ['a control character in the status line', ['HTTP/1.1 200 O\x00K']],
      ['a change of protocol', ['HTTP/1.1 101 Switching Protocols', 'Upgrade: x', '']],
      ['a header without a colon', [OK, 'Content-Length 4', '']],
      ['a header without a name', [OK, ': 4', '']],
      ['a space before the colon', [OK, 'Content-Length : 4', '']],
      ['a line that goes on with the one before', [OK, 'x-name: a', ' b', '']],
      ['a control character in a value', [OK, 'x-name: a\x00b', '']],
      ['a CR within a line', [OK, 'x-name: a\rContent-Length: 4', '']],
      ['a second CR at its end', [OK, 'x-name: a\r', '']],
      ['a line that ends with LF alone', [OK, 'x-name: a\nContent-Length: 4', '']],
      ['lengths that differ', [OK, 'Content-Length: 4', 'Content-Length: 5', '']],
      ['a list of lengths that differ', [OK, 'Content-Length: 4, 5', '']],
      ['a length that is no number', [OK, 'Content-Length: four', '']],
      ['a negative length', [OK, 'Content-Length: -4', '']],
      ['a signed length', [OK, 'Content-Length: +4', '']],
      ['an empty length', [OK, 'Content-Length:', '']],
      ['a length beyond exact numbers', [OK, `Content-Length: ${'9'.repeat(16)}`, '']],
      ['both a length and chunks', [OK, 'Content-Length: 4', 'Transfer-Encoding: chunked', '']],
      ['chunks with HTTP/1.0', ['HTTP/1.0 200 OK', 'Transfer-Encoding: chunked', '']],
      ['another transfer encoding', [OK, 'Transfer-Encoding: gzip, chunked', '']],
      ['chunks twice', [OK, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked', '']],
      ['a chunk without a size', [OK, 'Transfer-Encoding: chunked', '', ';x', 'four']],
      ['a negative chunk', [OK, 'Transfer-Encoding: chunked', '', '-4', 'four']],
      ['a chunk of a size beyond exact numbers', [OK, 'Transfer-Encoding: chunked', '', '1'.repeat(14)]],
      ['a chunk that is longer than its size', [OK, 'Transfer-Encoding: chunked', '', '3', 'four', '0', '']],
      ['a chunk that ends with LF alone', [OK, 'Transfer-Encoding: chunked', '', '4', 'four\n0', '']],
      ['a trailer that is none', [OK, 'Transfer-Encoding: chunked', '', '0', 'x', '']],
    ])('%s', (_, lines) => {
      const bytes = answer(...lines);
      for (const pieces of [[bytes], bytes.split('')]) {
        expect(serviceErrorThrownBy(() => read(pieces))).toMatchObject({
          code: 'upstream_error',
          message: "The predictor's answer for model faces is not valid: it is not HTTP",
          isSafeToRetry: false,
        });
      }
    });

    it('what cannot become a status line, without waiting for its end', () => {
      const error = serviceErrorThrownBy(() => read(['\x15\x03\x01']));
      expect(error.message).toContain('it is not HTTP');
      expect(String(error.cause)).toBe('SyntaxError: it does not begin with a status line');
    });

    it.each([
      ['a status line', ['HTTP/1.1 200 ', LONG]],
      ['a header', [answer(OK), `x-name: ${LONG}`]],
      ['headers together', [answer(OK), ...Array.from({ length: 1000 }, () => `x-name: ${'x'.repeat(80)}\r\n`)]],
      ['interim answers together', Array.from({ length: 4000 }, () => answer('HTTP/1.1 102 Processing', ''))],
      ["a chunk's extensions", [answer(OK, 'Transfer-Encoding: chunked', ''), `4;${LONG}`]],
      ['trailers', [answer(OK, 'Transfer-Encoding: chunked', '', '0'), `x-name: ${LONG}`]],
    ])('%s without end', (_, pieces) => {
      expect(serviceErrorThrownBy(() => read(pieces))).toMatchObject({
        code: 'upstream_error',
        message: "The predictor's answer for model faces is not valid: its headers are too large",
      });
    });

    it('any other bytes by an error of its own, or waits for more', () => {
      const part = fc.constantFrom(
        'HTTP/1.1 200 OK',
        '\r\n',
        '\r',
        '\n',
        ':',
        'Content-Length: 3',
        ' ',
        'chunked',
        '0',
      );
      const bytes = fc.array(fc.oneof(part, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 20 });
      fc.assert(
        fc.property(bytes, (pieces) => {
          try {
            read(pieces.filter((piece) => piece !== ''));
          } catch (error) {
            expect(error).toBeInstanceOf(ServiceError);
          }
        }),
      );
    });

    it('a line of nothing but spaces in no time', () => {
      const startedAt = performance.now();
      read([answer(OK, `x-name: a${' '.repeat(60_000)}b`)]);
      expect(performance.now() - startedAt).toBeLessThan(1000);
    });
  });
});
