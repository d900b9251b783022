import { readFileSync } from 'node:fs';
import type { ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import type { TlsOptions } from '../../../../src/predictor/triton/connect-options.js';
import { createHttpConnection } from '../../../../src/predictor/triton/http/http-connection.js';
import { serveHttp } from '../../../helpers/own-server.js';
import { serviceErrorOf } from '../../../helpers/service-error-of.js';

/** Made by test/fixtures/tls/make.sh; valid until 2120. */
const read = (name: string) => readFileSync(`test/fixtures/tls/${name}.pem`);
const ca = read('ca');
const server = { cert: read('server'), key: read('server-key') };
const client = { cert: read('client'), key: read('client-key') };

function callerOf(socket: Socket): string {
  if (!(socket instanceof TLSSocket)) throw new TypeError('a socket of TLS is expected');
  // Empty when the client has shown no certificate.
  const certificate: Partial<PeerCertificate> = socket.getPeerCertificate();
  return certificate.subject === undefined ? 'nobody' : String(certificate.subject.CN);
}

/** Names the client that calls: its certificate's, or nobody. */
async function whoCalls(options: { server?: ServerOptions; tls?: TlsOptions; host?: string }): Promise<string> {
  const { host = 'localhost', tls } = options;
  const https = await serveHttp((request, response) => response.end(callerOf(request.socket)), {
    tls: { ...server, ...options.server },
  });
  const connection = createHttpConnection(`https://${host}:${https.port}`, {
    concurrency: 1,
    connectTimeoutMs: 5000,
    maxAnswerBytes: 1000,
    ...(tls && { tls }),
  });
  try {
    const { signal } = new AbortController();
    const call = { signal, remainingMs: () => 1000, headers: {}, subject: 'model faces' };
    return Buffer.from((await connection.send({ method: 'GET', path: '/' }, call)).body).toString();
  } finally {
    await connection.close();
    await https.close();
  }
}

describe('A connection over TLS', () => {
  const mutual = { requestCert: true, rejectUnauthorized: true, ca };

  it('trusts the authority that it is given', async () => {
    expect(await whoCalls({ tls: { ca } })).toBe('nobody');
  });

  it('takes PEM as text too', async () => {
    expect(await whoCalls({ tls: { ca: ca.toString() } })).toBe('nobody');
  });

  it('shows its own certificate to a server that asks for one', async () => {
    expect(await whoCalls({ server: mutual, tls: { ca, ...client } })).toBe('a client of the tests');
  });

  it("checks the server's certificate against another name than the host's", async () => {
    expect(await whoCalls({ host: '127.0.0.1', tls: { ca, serverName: 'triton.test' } })).toBe('nobody');
  });

  it('accepts any certificate when told to', async () => {
    expect(await whoCalls({ host: '127.0.0.1', tls: { rejectUnauthorized: false } })).toBe('nobody');
  });

  it.each([
    ['an authority that it does not know', {}, 'unable to verify the first certificate'],
    ['a certificate of another name', { tls: { ca }, host: '127.0.0.1' }, "does not match certificate's altnames"],
    ['a certificate of another name than the one given', { tls: { ca, serverName: 'other.test' } }, 'altnames'],
    ['what is no certificate', { tls: { ca: 'none', ...client, key: 'none' } }, 'DECODER'],
  ])('refuses %s', async (_, options, cause) => {
    const error = await serviceErrorOf(whoCalls(options));
    expect(error).toMatchObject({ code: 'unavailable', message: 'The predictor cannot be reached' });
    expect(String(error.cause)).toContain(cause);
  });

  it('checks certificates whatever the environment says', async () => {
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      expect((await serviceErrorOf(whoCalls({}))).code).toBe('unavailable');
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    }
  });

  it('is refused by a server that asks for a certificate when it has none', async () => {
    expect((await serviceErrorOf(whoCalls({ server: mutual, tls: { ca } }))).code).toBe('unavailable');
  });
});
