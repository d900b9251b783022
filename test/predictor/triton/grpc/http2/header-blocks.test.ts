import { FLAG, FRAME } from '../../../../../src/predictor/triton/grpc/http2/frames.js';
import { createHeaderBlocks } from '../../../../../src/predictor/triton/grpc/http2/header-blocks.js';
import { createHpackDecoder } from '../../../../../src/predictor/triton/grpc/http2/hpack-decoder.js';

/** `:path: /sample/path`, of RFC 7541, C.2.2. */
const BLOCK = Buffer.from('040c2f73616d706c652f70617468', 'hex');
const HEADERS = new Map([[':path', '/sample/path']]);

const blocks = () => createHeaderBlocks(createHpackDecoder(1000), 1000);

function add(to: ReturnType<typeof blocks>, type: number, flags: number, content: Buffer, streamId = 5) {
  return to.add({ type, flags, streamId, length: content.length }, content);
}

describe('createHeaderBlocks()', () => {
  it.each([
    ['alone', 0, BLOCK],
    ['padded', FLAG.padded, Buffer.concat([Buffer.of(2), BLOCK, Buffer.alloc(2)])],
    ['with a priority', FLAG.priority, Buffer.concat([Buffer.alloc(5), BLOCK])],
    [
      'padded with a priority',
      FLAG.padded | FLAG.priority,
      Buffer.concat([Buffer.of(1), Buffer.alloc(5), BLOCK, Buffer.of(0)]),
    ],
  ])('reads a frame %s', (_, flags, content) => {
    const block = add(blocks(), FRAME.headers, flags | FLAG.endHeaders | FLAG.endStream, content);
    expect(block).toEqual({ streamId: 5, headers: HEADERS, isEnd: true });
  });

  it('puts the pieces of a block together, though their memory is used again', () => {
    const to = blocks();
    const scratch = Buffer.alloc(5);
    for (let at = 0; at < 10; at += 5) {
      BLOCK.copy(scratch, 0, at);
      expect(add(to, at === 0 ? FRAME.headers : FRAME.continuation, 0, scratch)).toBeUndefined();
      expect(to.isOpen).toBe(true);
    }
    const block = add(to, FRAME.continuation, FLAG.endHeaders, BLOCK.subarray(10));
    expect(block).toEqual({ streamId: 5, headers: HEADERS, isEnd: false });
    expect(to.isOpen).toBe(false);
  });

  it('refuses frames that are out of order', () => {
    expect(() => add(blocks(), FRAME.continuation, FLAG.endHeaders, BLOCK)).toThrow('out of order');
    const to = blocks();
    add(to, FRAME.headers, 0, BLOCK);
    expect(() => add(to, FRAME.headers, FLAG.endHeaders, BLOCK)).toThrow('out of order');
    expect(() => add(to, FRAME.continuation, FLAG.endHeaders, BLOCK, 7)).toThrow('out of order');
  });

  it('refuses a block that is too large, and one that has no end', () => {
    const large = blocks();
    add(large, FRAME.headers, 0, Buffer.alloc(600));
    expect(() => add(large, FRAME.continuation, 0, Buffer.alloc(600))).toThrow('enhanceYourCalm');
    const endless = blocks();
    const flood = () => {
      add(endless, FRAME.headers, 0, BLOCK);
      for (;;) add(endless, FRAME.continuation, 0, Buffer.alloc(0));
    };
    expect(flood).toThrow('the headers come in too many pieces');
  });

  it.each([
    ['padding', FLAG.padded, Buffer.of(1)],
    ['padding behind nothing', FLAG.padded, Buffer.alloc(0)],
    ['a priority', FLAG.priority, Buffer.alloc(4)],
  ])('refuses %s beyond the end of a frame', (_, flags, content) => {
    expect(() => add(blocks(), FRAME.headers, flags | FLAG.endHeaders, content)).toThrow('padded beyond its end');
  });
});
