/** How a request's body or message is packed. */
export type Compression = 'none' | 'gzip' | 'deflate';

/** TLS to the server; PEM texts or bytes. */
export interface TlsOptions {
  /** The certificate authorities that are trusted; those of Node when absent. */
  readonly ca?: string | Uint8Array;
  /** The client's certificate chain and key, for mutual TLS; only together. */
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  /** The name that the server's certificate is checked against; the host by default. */
  readonly serverName?: string;
  /** False accepts any certificate: for trying out alone. True by default. */
  readonly rejectUnauthorized?: boolean;
}

/** How to connect to a Triton server. */
export interface ConnectOptions {
  /** How many inference calls may be under way at once. */
  readonly concurrency: number;
  /** How long a connection may take to be made, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** The largest answer that is read, in bytes; one that is larger is an `upstream_error`. Infinity for no limit. */
  readonly maxAnswerBytes: number;
  /** gRPC connections that calls take in turn; 1 by default. HTTP opens as many as there are calls. */
  readonly channels?: number;
  /** How requests are packed; 'none' by default. */
  readonly compression?: Compression;
  /** Whether the server may pack its answers (gzip, deflate); false by default, as it costs time on fast networks. */
  readonly acceptsCompressed?: boolean;
  /** Only with an address that says TLS, https:// or grpcs://. */
  readonly tls?: TlsOptions;
  readonly keepAlive?: KeepAliveOptions;
}

/** Pings that keep a gRPC connection alive and notice a dead one; times in milliseconds. */
export interface KeepAliveOptions {
  /** How long after the last traffic a ping is sent. A server drops clients that ping more often than it allows. */
  readonly timeMs: number;
  /** How long the ping's answer may take; 20,000 by default, as Triton's own clients have it. */
  readonly timeoutMs?: number;
  /** Whether a connection without calls is pinged; false by default. */
  readonly isWithoutCalls?: boolean;
}
