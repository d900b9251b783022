import { fork } from 'node:child_process';
import path from 'node:path';

const PROGRAM = path.join(import.meta.dirname, 'generator-process.mjs');

/**
 * Starts a process that generates load.
 * @returns one run at a time: `run(job)` takes what `runLoad` of load.mjs takes, with `path`, `headers` and `bodyFile` in
 *   place of the request, and `watched`, ids of processes by name, whose CPU seconds come back in `cpuSeconds` beside
 *   those of the `generator` and of the whole machine (`busy`)
 */
export function startGenerator() {
  const child = fork(PROGRAM);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  return {
    run: (job) =>
      new Promise((resolve, reject) => {
        const onExit = () => reject(new Error('the load generator ended'));
        if (!child.connected) onExit();
        child.once('exit', onExit);
        child.once('message', (answer) => {
          child.off('exit', onExit);
          resolve(answer);
        });
        child.send(job);
      }),
    stop: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
