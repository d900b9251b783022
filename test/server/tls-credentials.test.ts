import { createTlsCredentials } from '../../src/server/tls-credentials.js';
import { type ChangingFiles, changingFiles } from '../helpers/changing-files.js';
import { keepLog } from '../helpers/log-lines.js';
import { serviceErrorThrownBy } from '../helpers/service-error-of.js';
import { tlsFile, tlsPem } from '../helpers/tls-files.js';

describe('createTlsCredentials()', () => {
  let files: ChangingFiles;
  beforeEach(() => {
    files = changingFiles();
  });
  afterEach(() => files.clear());

  it('reads a certificate and its key', () => {
    const options = { certFile: tlsFile('server.pem'), keyFile: tlsFile('server-key.pem'), logger: keepLog() };
    const credentials = createTlsCredentials(options);
    expect(credentials.current()).toEqual({ cert: tlsPem('server.pem'), key: tlsPem('server-key.pem') });
    expect(options.logger.lines).toEqual([]);
    credentials.close();
  });

  it('takes over a renewed certificate once its key is there, too', async () => {
    const logger = keepLog();
    const certFile = files.write('tls.crt', tlsPem('server.pem'));
    const keyFile = files.write('tls.key', tlsPem('server-key.pem'));
    const credentials = createTlsCredentials({ certFile, keyFile, logger, intervalMs: 5 });
    const complaint = logger.line('could not be read again');
    files.write('tls.crt', tlsPem('client.pem'));
    expect((await complaint).fields).toEqual({
      reason: '--ssl_keyfile is not the key of the certificate in --ssl_certfile',
    });
    expect(credentials.current().cert).toEqual(tlsPem('server.pem'));
    const renewed = new Promise((resolve) => credentials.onChange(resolve));
    files.write('tls.key', tlsPem('client-key.pem'));
    expect(await renewed).toEqual({ cert: tlsPem('client.pem'), key: tlsPem('client-key.pem') });
    credentials.close();
  });

  it.each([
    [
      'a certificate that is not there',
      'gone.pem',
      'server-key.pem',
      '--ssl_certfile: the file cannot be read: ENOENT',
    ],
    ['a key that is not there', 'server.pem', 'gone.pem', '--ssl_keyfile: the file cannot be read: ENOENT'],
    [
      'a key in place of the certificate',
      'server-key.pem',
      'server-key.pem',
      '--ssl_certfile holds no certificate as PEM',
    ],
    [
      'a certificate in place of the key',
      'server.pem',
      'server.pem',
      '--ssl_keyfile holds no private key as PEM that can be read without a passphrase',
    ],
    [
      "another certificate's key",
      'server.pem',
      'client-key.pem',
      '--ssl_keyfile is not the key of the certificate in --ssl_certfile',
    ],
  ])('refuses %s', async (_, cert, key, message) => {
    const error = serviceErrorThrownBy(() =>
      createTlsCredentials({ certFile: tlsFile(cert), keyFile: tlsFile(key), logger: keepLog() }),
    );
    expect(error).toMatchObject({ code: 'invalid_argument', message });
  });
});
