import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { findFreePort } from '../../scripts/ports.mjs';

/** The demo sets up what is missing (here nothing), so this is the whole of `npm run demo`. */
function startDemo(...options: string[]) {
  const child = spawn(process.execPath, ['scripts/demo.mjs', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  const demo = { child, output: '' };
  child.stdout.on('data', (chunk) => (demo.output += String(chunk)));
  child.stderr.on('data', (chunk) => (demo.output += String(chunk)));
  return demo;
}

const exitCode = async (child: ChildProcess) => (await once(child, 'close'))[0] as number | null;
const urlIn = (output: string) => /Service: (http:\S+)/.exec(output)?.[1] ?? 'no URL was printed';

describe('npm run demo', () => {
  it('scores the sample faces and ends with --once, on another port where the wanted one is taken', async () => {
    const taken: Server = createServer().listen(0);
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    try {
      const demo = startDemo('--once', '--port', String(port));
      expect(await exitCode(demo.child)).toBe(0);
      expect(demo.output).toContain(`Port ${port} is taken; the service takes `);
      expect(demo.output).toMatch(/faces\/base\.png +400×400 +1 +81 /);
      expect(demo.output).toMatch(/faces\/no_face_flat\.png .* no_face/);
      expect(demo.output).toContain('31 pictures, 32 faces, 0 errors');
      await expect(fetch(urlIn(demo.output))).rejects.toThrow('fetch failed');
    } finally {
      taken.close();
    }
  });

  it('leaves the service running until it is interrupted', async () => {
    const port = await findFreePort();
    const demo = startDemo('--port', String(port));
    const ended = exitCode(demo.child);
    try {
      while (!demo.output.includes('Ctrl-C ends it') && demo.child.exitCode === null)
        await once(demo.child.stdout, 'data');
      expect(urlIn(demo.output)).toBe(`http://127.0.0.1:${port}`);
      expect(await (await fetch(urlIn(demo.output))).json()).toEqual({ status: 'alive' });
    } finally {
      demo.child.kill('SIGINT');
    }
    expect(await ended).toBe(0);
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow('fetch failed');
  });

  it.each([
    [['--port', 'x'], '--port takes 1 to 65535, not x'],
    [['--bogus'], "Unknown option '--bogus'"],
    [
      ['faces'],
      'there is no demo of faces; there are facequality, cifar10, helmet_detection, license_plate, mnist, text_classification',
    ],
    [['mnist', 'cifar10'], 'one service at a time, not mnist and cifar10'],
  ])('refuses %j', async (options, message) => {
    const demo = startDemo(...options);
    expect(await exitCode(demo.child)).toBe(2);
    expect(demo.output).toContain(message);
  });
});
