import { setTimeout as sleep } from 'node:timers/promises';
import { reloadFiles } from '../../src/server/reloaded-files.js';
import { type ChangingFiles, changingFiles } from '../helpers/changing-files.js';
import { keepLog } from '../helpers/log-lines.js';
import { serviceErrorThrownBy } from '../helpers/service-error-of.js';

/** So often are the files looked at here. */
const INTERVAL_MS = 5;

describe('reloadFiles()', () => {
  let files: ChangingFiles;
  beforeEach(() => {
    files = changingFiles();
  });
  afterEach(() => files.clear());

  /** Both files' words; `bad` is of no use. */
  function reload(logger = keepLog()) {
    let loads = 0;
    const reloaded = reloadFiles({
      files: ['a', 'b'].map((name) => ({ option: `--${name}`, path: files.pathOf(name) })),
      load: (contents) => {
        loads += 1;
        const words = contents.map(String);
        if (words.includes('bad')) throw new Error('it says bad');
        return words.join(' ');
      },
      what: 'the text',
      logger,
      intervalMs: INTERVAL_MS,
    });
    return { reloaded, logger, loads: () => loads };
  }

  it('makes something of what the files hold, in their order', () => {
    files.write('a', 'one');
    files.write('b', 'two');
    const { reloaded } = reload();
    expect(reloaded.current()).toBe('one two');
    reloaded.close();
  });

  it('makes it anew when one of them changes, and tells the listeners and the log', async () => {
    files.write('a', 'one');
    files.write('b', 'two');
    const { reloaded, logger } = reload();
    const heard: string[] = [];
    reloaded.onChange((value) => heard.push(value));
    const change = logger.line('the text has changed and was read again');
    files.write('b', 'three');
    await change;
    expect(reloaded.current()).toBe('one three');
    expect(heard).toEqual(['one three']);
    reloaded.close();
  });

  it('does nothing when a file is written with the same content', async () => {
    files.write('a', 'one');
    files.write('b', 'two');
    const { reloaded, logger, loads } = reload();
    files.write('a', 'one');
    // Several looks, of which there is no sign but that nothing follows.
    await sleep(10 * INTERVAL_MS);
    expect(loads()).toBe(1);
    expect(logger.lines).toEqual([]);
    reloaded.close();
  });

  it('keeps the old value when nothing can be made of the new, says so once, and takes the next', async () => {
    files.write('a', 'one');
    files.write('b', 'two');
    const { reloaded, logger } = reload();
    const complaint = logger.line('could not be read again');
    files.write('a', 'bad');
    expect(await complaint).toEqual({
      level: 'warn',
      fields: { reason: 'it says bad' },
      message: 'the text could not be read again; the old one stays in use',
    });
    await sleep(10 * INTERVAL_MS);
    expect(logger.lines).toHaveLength(1);
    expect(reloaded.current()).toBe('one two');
    const change = logger.line('was read again');
    files.write('a', 'four');
    await change;
    expect(reloaded.current()).toBe('four two');
    reloaded.close();
  });

  it('keeps the old value while a file is gone, and says so once', async () => {
    files.write('a', 'one');
    files.write('b', 'two');
    const { reloaded, logger } = reload();
    const complaint = logger.line('could not be read again');
    files.remove('a');
    expect((await complaint).fields).toEqual({ reason: '--a: the file cannot be read: ENOENT' });
    await sleep(10 * INTERVAL_MS);
    expect(logger.lines).toHaveLength(1);
    const change = logger.line('was read again');
    files.write('a', 'back');
    await change;
    expect(reloaded.current()).toBe('back two');
    reloaded.close();
  });

  it('looks no more once it is closed', async () => {
    files.write('a', 'one');
    files.write('b', 'two');
    const { reloaded, loads } = reload();
    reloaded.close();
    files.write('a', 'three');
    await sleep(10 * INTERVAL_MS);
    expect(loads()).toBe(1);
    expect(reloaded.current()).toBe('one two');
  });

  it('refuses files that cannot be read at first, naming the option and not the path', async () => {
    files.write('a', 'one');
    const error = serviceErrorThrownBy(() => reload());
    expect(error).toMatchObject({ code: 'invalid_argument', message: '--b: the file cannot be read: ENOENT' });
  });
});
