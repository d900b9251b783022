import { createServer } from 'node:net';

/**
 * Finds a TCP port on which nothing listens.
 * @param {number} [wanted] taken where it is free
 * @returns {Promise<number>} the wanted port, else any free one
 */
export async function findFreePort(wanted = 0) {
  return (await tryToListen(wanted)) ?? (await tryToListen(0));
}

/** @returns the port, or undefined where it is taken or not allowed */
function tryToListen(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, () => {
      const { port: found } = server.address();
      server.close(() => resolve(found));
    });
  });
}
