/** What can be ended. */
interface Closable {
  close(): Promise<unknown>;
}

/** Keeps what a test starts, so that each test ends it: `afterEach(running.closeAll)`. */
export function runningServers() {
  const running: Closable[] = [];
  return {
    keep: async <T extends Closable>(starting: Promise<T>): Promise<T> => {
      const server = await starting;
      running.push(server);
      return server;
    },
    closeAll: async () => {
      await Promise.all(running.splice(0).map((server) => server.close()));
    },
  };
}
