import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { createLogDestination } from '../../src/observability/log-destination.js';

/** A pipe, both of whose ends are the test's; non-blocking. */
function openPipe() {
  const folder = mkdtempSync(path.join(tmpdir(), 'log-'));
  const name = path.join(folder, 'pipe');
  execFileSync('mkfifo', [name]);
  const readEnd = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeEnd = openSync(name, constants.O_WRONLY | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(1024 * 1024);
  const decoder = new StringDecoder('utf8');
  const opened = new Set([readEnd, writeEnd]);
  const close = (fd: number) => {
    if (opened.delete(fd)) closeSync(fd);
  };
  return {
    writeEnd,
    /** All that is in it now. */
    read: (): string => {
      try {
        return decoder.write(buffer.subarray(0, readSync(readEnd, buffer)));
      } catch {
        return '';
      }
    },
    closeReadEnd: () => close(readEnd),
    close: () => {
      close(readEnd);
      close(writeEnd);
      rmSync(folder, { recursive: true });
    },
  };
}

const LINE_BYTES = 1000;

/** A numbered line of so many bytes, a multi-byte character among them. */
function lineOf(index: number, bytes = LINE_BYTES): string {
  const head = `${index} ö`;
  return `${head}${'.'.repeat(bytes - 1 - Buffer.byteLength(head))}\n`;
}

/** The numbers of lines that are as they were written. */
function numbersOf(text: string, bytes = LINE_BYTES): readonly number[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => {
    const index = Number(line.split(' ')[0]);
    expect(`${line}\n`).toBe(lineOf(index, bytes));
    return index;
  });
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('createLogDestination()', () => {
  let pipe: ReturnType<typeof openPipe>;
  beforeEach(() => {
    pipe = openPipe();
  });
  afterEach(() => pipe.close());

  const readUntil = async (isEnough: (text: string) => boolean): Promise<string> => {
    let text = '';
    while (!isEnough(text)) {
      await new Promise((resolve) => setImmediate(resolve));
      text += pipe.read();
    }
    return text;
  };

  const destinationOf = (maxHeldBytes = 10_000_000) =>
    createLogDestination({ fd: pipe.writeEnd, maxHeldBytes, droppedLine: (count) => `lost ${count}\n` });

  it('writes the lines of some milliseconds together', async () => {
    const destination = destinationOf();
    for (const line of ['one\n', 'two\n']) destination.write(line);
    expect(pipe.read()).toBe('');
    expect(await readUntil((text) => text !== '')).toBe('one\ntwo\n');
  });

  it('writes what waits when it is flushed', () => {
    const destination = destinationOf();
    destination.write('hello\n');
    destination.flushSync();
    expect(pipe.read()).toBe('hello\n');
  });

  // A pipe takes a line of at most 4096 bytes whole or not at all (PIPE_BUF), and a part of a longer one.
  it.each([LINE_BYTES, 10_001])('keeps lines of %i bytes for which there is no room, in order', async (bytes) => {
    const destination = destinationOf();
    for (const index of upTo(500)) destination.write(lineOf(index, bytes));
    const text = await readUntil(({ length }) => length >= 500 * (bytes - 1));
    expect(numbersOf(text, bytes)).toEqual(upTo(500));
    destination.write('next\n');
    expect(await readUntil((more) => more !== '')).toBe('next\n');
  });

  it('keeps a line that comes while others wait behind them', async () => {
    const destination = destinationOf();
    for (const index of upTo(70)) destination.write(lineOf(index));
    // A pipe holds 64 KiB.
    const begin = await readUntil((text) => text !== '');
    destination.write(lineOf(70));
    const rest = await readUntil(({ length }) => begin.length + length >= 71 * (LINE_BYTES - 1));
    expect(numbersOf(begin + rest)).toEqual(upTo(71));
  });

  it('drops lines over its limit and says how many', async () => {
    const destination = destinationOf(5 * LINE_BYTES);
    for (const index of upTo(100)) destination.write(lineOf(index));
    const text = await readUntil((read) => read.includes('lost'));
    const [lines = '', count = ''] = text.split(/(?<=\n)lost /);
    const kept = numbersOf(lines);
    expect(kept).toEqual(upTo(kept.length));
    expect(Number(count)).toBe(100 - kept.length);
    expect(Number(count)).toBeGreaterThan(20);
  });

  it('waits at most two seconds for its reader at the end', () => {
    const destination = destinationOf();
    for (const index of upTo(500)) destination.write(lineOf(index));
    const startedAt = performance.now();
    destination.flushSync();
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThan(1900);
    expect(tookMs).toBeLessThan(3000);
  });

  it('has nothing to flush when all is written', () => {
    const destination = destinationOf();
    destination.write('hello\n');
    const startedAt = performance.now();
    destination.flushSync();
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  it('lets lines go when the reader is gone', () => {
    const destination = destinationOf();
    for (const index of upTo(500)) destination.write(lineOf(index));
    pipe.closeReadEnd();
    const startedAt = performance.now();
    destination.flushSync();
    destination.write('hello\n');
    destination.flushSync();
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
