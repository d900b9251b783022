import { createBodySender, type SendingStream } from '../../../../../src/predictor/triton/grpc/http2/body-sender.js';
import { createReceiveWindow, createSendWindow } from '../../../../../src/predictor/triton/grpc/http2/flow-window.js';
import { readHead } from '../../../../../src/predictor/triton/grpc/http2/frames.js';
import { createRequestBody } from '../../../../../src/predictor/triton/grpc/http2/request-body.js';

function streamOf(id: number, bytes: number, windowBytes = 1_000_000): SendingStream {
  const pieces = [Buffer.alloc(0), Buffer.alloc(Math.min(bytes, 7), id), Buffer.alloc(Math.max(bytes - 7, 0), id)];
  return { id, body: createRequestBody(pieces), window: createSendWindow(windowBytes) };
}

function senderOver(connectionBytes = 1_000_000) {
  const window = createSendWindow(connectionBytes);
  const sender = createBodySender(window);
  /** The frames that go out: the stream's number, the length, and whether it is the last. */
  const send = (maxBytes = Infinity): [number, number, boolean][] => {
    const pieces: Uint8Array[] = [];
    sender.send(maxBytes, (bytes) => pieces.push(bytes));
    const bytes = Buffer.concat(pieces);
    const frames: [number, number, boolean][] = [];
    for (let at = 0; at < bytes.length;) {
      const { streamId, length, flags } = readHead(bytes, at);
      const content = bytes.subarray(at + 9, at + 9 + length);
      expect(content.equals(Buffer.alloc(length, streamId))).toBe(true);
      frames.push([streamId, length, flags === 1]);
      at += 9 + length;
    }
    return frames;
  };
  return { sender, window, send };
}

describe('createBodySender()', () => {
  it('sends a frame of each stream in turn, none larger than the server takes', () => {
    const { sender, send } = senderOver();
    sender.add(streamOf(1, 40_000));
    sender.add(streamOf(3, 20_000));
    expect(send()).toEqual([
      [1, 16_384, false],
      [3, 16_384, false],
      [1, 16_384, false],
      [3, 3616, true],
      [1, 7232, true],
    ]);
    expect(sender.isIdle).toBe(true);
    sender.setFrameBytes(20_000);
    sender.add(streamOf(5, 40_000));
    expect(send().map(([, length]) => length)).toEqual([20_000, 20_000]);
  });

  it("waits at the end of a stream's window, while others go on", () => {
    const { sender, send } = senderOver();
    const narrow = streamOf(1, 300, 100);
    sender.add(narrow);
    sender.add(streamOf(3, 50));
    expect(send()).toEqual([
      [1, 100, false],
      [3, 50, true],
    ]);
    narrow.window.widen(-50);
    sender.add(narrow);
    expect(send()).toEqual([]);
    narrow.window.widen(300);
    sender.add(narrow);
    expect(send()).toEqual([[1, 200, true]]);
  });

  it("waits at the end of the connection's window, and keeps the order", () => {
    const { sender, window, send } = senderOver(100);
    sender.add(streamOf(1, 150));
    sender.add(streamOf(3, 80));
    expect(send()).toEqual([[1, 100, false]]);
    expect(sender.isIdle).toBe(false);
    window.widen(1000);
    expect(send()).toEqual([
      [3, 80, true],
      [1, 50, true],
    ]);
  });

  it('sends about as much as is asked for', () => {
    const { sender, send } = senderOver();
    sender.add(streamOf(1, 100_000));
    expect(send(20_000)).toHaveLength(2);
  });

  it('sends nothing more of a stream that is removed', () => {
    const { sender, send } = senderOver();
    const stream = streamOf(1, 100_000);
    sender.add(stream);
    sender.remove(stream);
    expect(send()).toEqual([]);
  });
});

describe('createSendWindow()', () => {
  it('refuses to become wider than a window may', () => {
    const window = createSendWindow(1);
    window.widen(2 ** 31 - 2);
    expect(() => window.widen(1)).toThrow('flowControlError: a window becomes too wide');
  });
});

describe('createReceiveWindow()', () => {
  it('is widened again where half of it is used up', () => {
    const window = createReceiveWindow(100);
    expect([window.receive(49), window.receive(1), window.receive(49), window.receive(51)]).toEqual([0, 50, 0, 100]);
  });

  it('refuses more than was allowed', () => {
    const window = createReceiveWindow(100);
    expect(() => window.receive(101)).toThrow('flowControlError: more came than the window allows');
  });
});
