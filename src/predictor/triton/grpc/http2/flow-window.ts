import { MAX_31_BITS } from './frames.js';
import { Http2Fault } from './http2-fault.js';

/** How much may be sent; less than nothing after the server has made it smaller (RFC 9113, 6.9). */
export interface SendWindow {
  readonly bytes: number;
  spend(bytes: number): void;
  /** @throws Http2Fault `flowControlError` when it becomes larger than a window may */
  widen(bytes: number): void;
}

/** Starts a window of so many bytes. */
export function createSendWindow(initialBytes: number): SendWindow {
  let bytes = initialBytes;
  return {
    get bytes() {
      return bytes;
    },
    spend: (spent) => void (bytes -= spent),
    widen: (more) => {
      bytes += more;
      if (bytes > MAX_31_BITS) throw new Http2Fault('flowControlError', 'a window becomes too wide');
    },
  };
}

/** How much the server may send. */
export interface ReceiveWindow {
  /**
   * Notes what came; it counts as read at once.
   * @returns by how much to widen the window again: once half of it is used up, else 0
   * @throws Http2Fault `flowControlError` when it is more than was allowed
   */
  receive(bytes: number): number;
}

/** Starts a window that is kept at so many bytes. */
export function createReceiveWindow(windowBytes: number): ReceiveWindow {
  let usedBytes = 0;
  return {
    receive: (bytes) => {
      usedBytes += bytes;
      if (usedBytes > windowBytes) throw new Http2Fault('flowControlError', 'more came than the window allows');
      if (usedBytes * 2 < windowBytes) return 0;
      const used = usedBytes;
      usedBytes = 0;
      return used;
    },
  };
}
