import fc from 'fast-check';
import { createFrameReader } from '../../../../../src/predictor/triton/grpc/http2/frame-reader.js';
import {
  FLAG,
  FRAME,
  type FrameHead,
  pingFrame,
  writeHead,
} from '../../../../../src/predictor/triton/grpc/http2/frames.js';

function frame(head: Omit<FrameHead, 'length'>, content: Uint8Array): Buffer {
  const bytes = Buffer.alloc(9 + content.length);
  bytes.set(content, writeHead(bytes, 0, { ...head, length: content.length }));
  return bytes;
}

/** What a reader tells of bytes that come in pieces; parts of one DATA frame are joined. */
function read(pieces: readonly Uint8Array[], maxFrameBytes = 16_384): string[] {
  const told: string[] = [];
  let data = '';
  const reader = createFrameReader(
    {
      onFrame: ({ type, streamId }, content) => told.push(`${type} on ${streamId}: ${content.toString('hex')}`),
      onData: (streamId, piece) => {
        expect(piece.length).toBeGreaterThan(0);
        data += `${data === '' ? `${streamId}: ` : ''}${piece.toString('hex')}`;
      },
      onDataEnd: ({ streamId, length, flags }) => {
        told.push(`data ${data}; ${length} bytes on ${streamId}${(flags & FLAG.endStream) === 0 ? '' : ', the last'}`);
        data = '';
      },
    },
    maxFrameBytes,
  );
  for (const piece of pieces) reader.read(Buffer.from(piece));
  return told;
}

const DATA = { type: FRAME.data, flags: 0, streamId: 3 };
const FRAMES = [
  pingFrame(Buffer.from('12345678'), false),
  frame(DATA, Buffer.from('abc')),
  frame({ ...DATA, flags: FLAG.endStream }, Buffer.alloc(0)),
  frame({ ...DATA, flags: FLAG.padded }, Buffer.from('\x02de\0\0')),
  frame({ ...DATA, flags: FLAG.padded | FLAG.endStream }, Buffer.from('\0f')),
  frame({ ...DATA, flags: FLAG.padded }, Buffer.from('\x01\0')),
  frame({ type: 0xee, flags: 0xff, streamId: 0x7fffffff }, Buffer.from('odd')),
  frame({ type: FRAME.settings, flags: 0, streamId: 0 }, Buffer.alloc(0)),
];
const TOLD = [
  '6 on 0: 3132333435363738',
  'data 3: 616263; 3 bytes on 3',
  'data ; 0 bytes on 3, the last',
  'data 3: 6465; 5 bytes on 3',
  'data 3: 66; 2 bytes on 3, the last',
  'data ; 2 bytes on 3',
  '238 on 2147483647: 6f6464',
  '4 on 0: ',
];

describe('createFrameReader()', () => {
  it('tells of frames one behind the other', () => {
    expect(read([Buffer.concat(FRAMES)])).toEqual(TOLD);
  });

  it('tells the same of bytes that come one by one', () => {
    expect(read([...Buffer.concat(FRAMES)].map((byte) => Buffer.of(byte)))).toEqual(TOLD);
  });

  it('tells the same however the bytes are split', () => {
    const bytes = Buffer.concat(FRAMES);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(bytes.length)), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        expect(read(pieces)).toEqual(TOLD);
      }),
    );
  });

  it('heeds no highest bit of the number of a stream', () => {
    const bytes = frame(DATA, Buffer.alloc(0));
    bytes.writeUInt8(0x80, 5);
    expect(read([bytes])).toEqual(['data ; 0 bytes on 3']);
  });

  it.each([
    ['that is larger than was allowed', frame(DATA, Buffer.alloc(101)), 'frameSizeError: a frame of 101 bytes'],
    ['of more padding than content', frame({ ...DATA, flags: FLAG.padded }, Buffer.from('\x02a')), 'padded beyond'],
    ['of padding without a content', frame({ ...DATA, flags: FLAG.padded }, Buffer.alloc(0)), 'padded beyond'],
  ])('refuses a frame %s', (_, bytes, problem) => {
    expect(() => read([bytes], 100)).toThrow(problem);
  });
});
