import { readFileSync } from 'node:fs';
import type { SecureServerOptions, ServerHttp2Stream } from 'node:http2';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import { parsePredictorAddress } from '../../../../src/predictor/triton/address.js';
import type { TlsOptions } from '../../../../src/predictor/triton/connect-options.js';
import { createGrpcChannel, type GrpcChannel } from '../../../../src/predictor/triton/grpc/grpc-channel.js';
import { answer, BYTES_METHOD, framed } from '../../../helpers/grpc-bytes.js';
import { serveHttp2 } from '../../../helpers/own-server.js';

/** Made by test/fixtures/tls/make.sh; valid until 2120. */
const read = (name: string) => readFileSync(`test/fixtures/tls/${name}.pem`);
const ca = read('ca');
const server = { cert: read('server'), key: read('server-key') };
const client = { cert: read('client'), key: read('client-key') };
const mutual = { requestCert: true, rejectUnauthorized: true, ca };

function nameOf(stream: ServerHttp2Stream): string {
  const socket = stream.session?.socket;
  if (!(socket instanceof TLSSocket)) throw new TypeError('a socket of TLS is expected');
  // Empty when the client has shown no certificate.
  const certificate: Partial<PeerCertificate> = socket.getPeerCertificate();
  return certificate.subject === undefined ? 'nobody' : String(certificate.subject.CN);
}

const { signal } = new AbortController();
const CALL = { signal, remainingMs: () => 10_000, headers: {}, subject: 'model faces' };

/** The two kinds of calls, which have connections of their own. */
const KINDS = {
  call: (channel: GrpcChannel) => channel.call(BYTES_METHOD, Buffer.alloc(0), CALL),
  stream: async (channel: GrpcChannel) => {
    const method = { ...BYTES_METHOD, requestStream: true, responseStream: true } as const;
    const stream = await channel.stream(
      { ...method, requestDeserialize: (bytes) => bytes, responseSerialize: (bytes) => bytes },
      CALL,
    );
    stream.end(Buffer.alloc(0));
    const messages = (await stream.toArray()) as Buffer[];
    return Buffer.concat(messages);
  },
} as const;

/** What the server calls its client: by the certificate, or nobody. */
async function whoCalls(
  call: (channel: GrpcChannel) => Promise<Buffer>,
  options: { server?: SecureServerOptions; tls?: TlsOptions; host?: string },
): Promise<string> {
  const { host = 'localhost', tls } = options;
  const started = await serveHttp2((stream) => answer(stream, framed(Buffer.from(nameOf(stream)))), {
    tls: { ...server, ...options.server },
  });
  const channel = createGrpcChannel(parsePredictorAddress(`grpcs://${host}:${started.port}`), {
    connectTimeoutMs: 5000,
    maxAnswerBytes: 1000,
    ...(tls && { tls }),
  });
  try {
    return (await call(channel)).toString();
  } finally {
    channel.close();
    await started.close();
  }
}

describe.each(Object.entries(KINDS))('%s() over TLS', (_, call) => {
  it('trusts the authority that it is given, as bytes and as text', async () => {
    expect(await whoCalls(call, { tls: { ca } })).toBe('nobody');
    expect(await whoCalls(call, { tls: { ca: ca.toString() } })).toBe('nobody');
  });

  it('shows its own certificate to a server that asks for one', async () => {
    expect(await whoCalls(call, { server: mutual, tls: { ca, ...client } })).toBe('a client of the tests');
  });

  it("checks the server's certificate against another name than the host's", async () => {
    expect(await whoCalls(call, { host: '127.0.0.1', tls: { ca, serverName: 'triton.test' } })).toBe('nobody');
  });

  it('accepts any certificate when told to', async () => {
    expect(await whoCalls(call, { host: '127.0.0.1', tls: { rejectUnauthorized: false } })).toBe('nobody');
  });

  it.each<[string, Parameters<typeof whoCalls>[1]]>([
    ['an authority that it does not know', {}],
    ['a certificate of another name', { tls: { ca }, host: '127.0.0.1' }],
    ['a certificate of another name than the one given', { tls: { ca, serverName: 'other.test' } }],
    ['a server that asks for a certificate when it has none', { server: mutual, tls: { ca } }],
  ])('fails with %s', async (_name, options) => {
    await expect(whoCalls(call, options)).rejects.toThrow(Error);
  });
});

describe('call() over TLS', () => {
  it.each([
    ['an authority that it does not know', {}, 'unable to verify the first certificate'],
    ['a certificate of another name', { tls: { ca }, host: '127.0.0.1' }, "does not match certificate's altnames"],
  ])('keeps the reason for the log with %s', async (_, options, cause) => {
    const error: unknown = await whoCalls(KINDS.call, options).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'unavailable', message: 'The predictor cannot be reached' });
    expect(reasonsOf(error)).toContain(cause);
  });
});

/** The messages of an error, its causes and those that it gathers; some are of Node's own realm, not of the tests'. */
function reasonsOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { message, cause, errors = [] } = error as { message?: string; cause?: unknown; errors?: unknown[] };
  return [message, reasonsOf(cause), ...errors.map(reasonsOf)].join('\n');
}
