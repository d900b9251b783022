import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { parsePredictorAddress } from '../../../src/predictor/triton/address.js';
import { createTritonPredictor } from '../../../src/predictor/triton/triton-predictor.js';
import { serviceErrorOf } from '../../helpers/service-error-of.js';
import { recordingLogger } from './triton-setup.js';

/** A record of a handshake, any version of TLS (RFC 8446, 5.1), with a ClientHello in it (4). */
const CLIENT_HELLO = { record: 0x16, major: 0x03, handshake: 0x01 };

/** A fatal alert: handshake_failure (RFC 8446, 6). */
const HANDSHAKE_FAILURE = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28]);

describe.each(['https', 'grpcs'])('a Triton predictor at %s://…', (scheme) => {
  it('speaks TLS from the first byte, and gives up where the handshake fails', async () => {
    const hellos: Buffer[] = [];
    const server = createServer((socket: Socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', (data) => {
        hellos.push(data);
        socket.end(HANDSHAKE_FAILURE);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { logger } = recordingLogger();
    const options = { concurrency: 1, requestTimeoutMs: 20_000, logger };
    const predictor = await createTritonPredictor(parsePredictorAddress(`${scheme}://127.0.0.1:${port}`), options);
    try {
      const error = await serviceErrorOf(predictor.modelInfo('faces', { headers: { authorization: 'secret' } }));
      expect(error).toMatchObject({ code: 'unavailable', message: 'The predictor cannot be reached' });
      expect(hellos).not.toEqual([]);
      for (const hello of hellos) {
        expect({ record: hello[0], major: hello[1], handshake: hello[5] }).toEqual(CLIENT_HELLO);
        expect(hello.toString('latin1')).not.toContain('secret');
      }
    } finally {
      await predictor.close();
      server.close();
    }
  });
});
