/** The error codes of HTTP/2 that this client sends or tells apart (RFC 9113, 7). */
export const ERROR_CODE = {
  noError: 0x0,
  protocolError: 0x1,
  flowControlError: 0x3,
  frameSizeError: 0x6,
  refusedStream: 0x7,
  cancel: 0x8,
  compressionError: 0x9,
  enhanceYourCalm: 0xb,
} as const;

/** Why a connection or a stream is ended. */
export type FaultCode = keyof typeof ERROR_CODE;

/**
 * The server's breach of HTTP/2, by which a connection ends (RFC 9113, 5.4.1). It does not leave the connection: calls
 * have it as the cause of their error.
 */
export class Http2Fault extends Error {
  override readonly name = 'Http2Fault';
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string) {
    super(`HTTP/2 ${code}: ${message}`);
    this.code = code;
  }
}
