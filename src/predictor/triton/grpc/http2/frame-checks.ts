import type { FrameHead } from './frames.js';
import { Http2Fault } from './http2-fault.js';

/** @throws Http2Fault `protocolError` for a frame of a stream that is to be one of the connection */
export function assertOfConnection({ type, streamId }: FrameHead): void {
  if (streamId !== 0) throw misplaced(type);
}

/** @throws Http2Fault `frameSizeError` where a frame has not the length of its kind */
export function assertLength(head: FrameHead, length: number): void {
  if (head.length !== length) throw wrongLength(head);
}

/** A frame has not the length of its kind (RFC 9113, 4.2). */
export function wrongLength({ type, length }: FrameHead): Http2Fault {
  return new Http2Fault('frameSizeError', `a frame of type ${type} has ${length} bytes`);
}

/** A frame may not come here. */
export function misplaced(type: number): Http2Fault {
  return new Http2Fault('protocolError', `a frame of type ${type} is out of place`);
}

/** The server is none of HTTP/2 (3.4). */
export function badGreeting(): Http2Fault {
  return new Http2Fault('protocolError', 'the server does not begin with its settings');
}
