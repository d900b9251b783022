import fc from 'fast-check';
import { createHpackDecoder } from '../../../../../src/predictor/triton/grpc/http2/hpack-decoder.js';
import { Http2Fault } from '../../../../../src/predictor/triton/grpc/http2/http2-fault.js';

const LIST_BYTES = 64 * 1024;

/** Reads blocks, given as hexadecimal digits, one behind the other. */
function decodeAll(...blocks: string[]): Record<string, string>[] {
  const decoder = createHpackDecoder(LIST_BYTES);
  return blocks.map((block) => Object.fromEntries(decoder.decode(Buffer.from(block.replaceAll(' ', ''), 'hex'))));
}

const REQUEST = { ':method': 'GET', ':scheme': 'http', ':path': '/', ':authority': 'www.example.com' };
const SECOND_REQUEST = { ...REQUEST, 'cache-control': 'no-cache' };
const THIRD_REQUEST = {
  ':method': 'GET',
  ':scheme': 'https',
  ':path': '/index.html',
  ':authority': 'www.example.com',
  'custom-key': 'custom-value',
};

describe('createHpackDecoder()', () => {
  it.each([
    ['C.2.1', '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572', { 'custom-key': 'custom-header' }],
    ['C.2.2', '040c 2f73 616d 706c 652f 7061 7468', { ':path': '/sample/path' }],
    ['C.2.3', '1008 7061 7373 776f 7264 0673 6563 7265 74', { password: 'secret' }],
    ['C.2.4', '82', { ':method': 'GET' }],
  ])('reads the field of RFC 7541, %s', (_, block, expected) => {
    expect(decodeAll(block)).toEqual([expected]);
  });

  it.each([
    [
      'C.3',
      '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
      '8286 84be 5808 6e6f 2d63 6163 6865',
      '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
    ],
    [
      'C.4',
      '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
      '8286 84be 5886 a8eb 1064 9cbf',
      '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
    ],
  ])('reads the requests of RFC 7541, %s', (_, ...blocks) => {
    expect(decodeAll(...blocks)).toEqual([REQUEST, SECOND_REQUEST, THIRD_REQUEST]);
  });

  it.each([
    ['as they are', '07 636f 6e74 656e 74', 'content'],
    ['packed, with padding', '86 a8eb 1064 9cbf', 'no-cache'],
    ['empty', '00', ''],
  ])('reads texts that are %s', (_, text, expected) => {
    expect(decodeAll(`04 ${text}`)).toEqual([{ ':path': expected }]);
  });

  it('forgets the oldest fields where the table is full, as in RFC 7541, C.5', () => {
    // A table of 256 bytes, in which the third block finds the second's status in place of the first's.
    const blocks = [
      '3fe1 01 4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
      '4803 3330 37c1 c0bf',
    ];
    const [first, second] = decodeAll(...blocks);
    const common = {
      'cache-control': 'private',
      date: 'Mon, 21 Oct 2013 20:13:21 GMT',
      location: 'https://www.example.com',
    };
    expect(first).toEqual({ ':status': '302', ...common });
    expect(second).toEqual({ ':status': '307', ...common });
    // There are four fields: the first block's status is gone.
    expect(() => decodeAll(...blocks, 'c2')).toThrow('there is no field 66');
  });

  it('empties the table where its size becomes 0', () => {
    const kept = '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572';
    expect(decodeAll(kept, 'be')[1]).toEqual({ 'custom-key': 'custom-header' });
    expect(() => decodeAll(kept, '20 3fe1 1f be')).toThrow('there is no field 62');
  });

  it('keeps spaces at the end of a value', () => {
    expect(decodeAll('0005 7465 7874 73 03 6120 20')).toEqual([{ texts: 'a  ' }]);
  });

  it('joins the values of a field that comes more than once', () => {
    expect(decodeAll('0f10 0161', '0f10 0161 0f10 0162')[1]).toEqual({ 'content-type': 'a, b' });
  });

  it.each([
    ['a field that there is not', 'be', 'there is no field 62'],
    ['the field 0', '80', 'there is no field 0'],
    ['a name that there is not', '7f00 00', 'there is no field 63'],
    ['an integer that is too long', 'ff ffff ffff ff0f', 'an integer is too long'],
    ['a text that is longer than the block', '040c 2f73', 'a block of headers ends within a field'],
    ['no value', '04', 'a block of headers ends within a field'],
    ['a table larger than was allowed', '3fe2 1f', 'the table becomes larger than it may'],
    ['a table that changes behind a field', '82 20', 'the table changes its size behind a field'],
    ['padding of more than 7 bits', '0482 07ff', 'a text is no Huffman code'],
    ['padding that is not of ones', '0481 06', 'a text is no Huffman code'],
    ["the end's symbol", '0484 ffff ffff', 'a text is no Huffman code'],
  ])('refuses a block with %s', (_, block, problem) => {
    const decode = () => decodeAll(block);
    expect(decode).toThrow(Http2Fault);
    expect(decode).toThrow(`HTTP/2 compressionError: ${problem}`);
  });

  it('refuses headers that take more than they may, which they do though they are three bytes', () => {
    const decoder = createHpackDecoder(100);
    expect(() => decoder.decode(Buffer.from('828282', 'hex'))).toThrow('the headers take more than 100 bytes');
  });

  it('fails in no other way, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (blocks) => {
        const decoder = createHpackDecoder(LIST_BYTES);
        try {
          for (const block of blocks) decoder.decode(Buffer.from(block));
        } catch (error) {
          expect(error).toBeInstanceOf(Http2Fault);
        }
      }),
    );
  });
});
