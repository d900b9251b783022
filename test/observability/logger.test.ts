import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs a program with the built logger, whose log nobody reads until it says on standard output that it may be. */
async function runLogging(
  program: string,
): Promise<{ code: number | null; lines: readonly Record<string, unknown>[] }> {
  const start = `import { createLogger } from './dist/observability/logger.js';
    import { writeSync } from 'node:fs';
    const logger = createLogger({ level: 'info' });
    ${program}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', start], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  await once(child.stdout, 'data');
  const log = Buffer.concat((await child.stderr.toArray()) as Buffer[]).toString('utf8');
  const [code] = await ended;
  const lines = log.split('\n').filter((line) => line.startsWith('{'));
  return { code, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

/** More than a pipe or a socket holds, in many turns of the event loop, so that a write is under way at the end. */
const MANY_LINES = `for (let i = 0; i < 3000; i++) {
  logger.info({ i, text: 'x'.repeat(500) }, 'a line');
  if (i % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 1));
}`;
const SAY_SO = `writeSync(1, 'logged');`;
const numbers = (lines: readonly Record<string, unknown>[]) => lines.map(({ i }) => i);
const THREE_THOUSAND = Array.from({ length: 3000 }, (_, index) => index);

describe('createLogger()', () => {
  it('writes one JSON object a line, with names for levels and ISO 8601 for times', async () => {
    const { lines } = await runLogging(`logger.info({ a: 1 }, 'hello'); logger.debug('unseen'); ${SAY_SO}`);
    expect(lines).toEqual([
      { level: 'info', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/), a: 1, msg: 'hello' },
    ]);
  });

  it('does not hold the process up while nobody reads', async () => {
    const { code, lines } = await runLogging(`${MANY_LINES} ${SAY_SO}`);
    expect(code).toBe(0);
    expect(numbers(lines)).toEqual(THREE_THOUSAND);
  });

  it('loses no line when the process ends itself', async () => {
    const { code, lines } = await runLogging(`${MANY_LINES} ${SAY_SO} process.exit(3);`);
    expect(code).toBe(3);
    expect(numbers(lines)).toEqual(THREE_THOUSAND);
  });

  it('loses no line when an exception that nobody catches ends the process', async () => {
    const { code, lines } = await runLogging(`${MANY_LINES} ${SAY_SO} throw new Error('unexpected');`);
    expect(code).toBe(1);
    expect(numbers(lines)).toEqual(THREE_THOUSAND);
  });

  it('has a fatal line, and all before it, written before it returns', async () => {
    const end = `logger.fatal({ i: 3000 }, 'the end'); process.kill(process.pid, 'SIGKILL'); await new Promise(() => {});`;
    const { code, lines } = await runLogging(`${MANY_LINES} ${SAY_SO} ${end}`);
    expect(code).toBeNull();
    expect(numbers(lines)).toEqual([...THREE_THOUSAND, 3000]);
  });
});
