import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { createSharedArena } from '../../src/concurrency/shared-arena.js';

const { signal } = new AbortController();
setMaxListeners(0, signal);
const tick = () => new Promise((resolve) => setImmediate(resolve));

/** Blocks are of whole lines of the cache. */
const LINE = 64;

/** Borrows a block until it is let go. */
function borrow(arena: ReturnType<typeof createSharedArena>, byteLength: number, caller = signal) {
  let letGo: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  let block: Uint8Array | undefined;
  const ended = arena.lend(byteLength, (lent) => ((block = lent), gate), { signal: caller });
  return { ended, letGo, block: () => block };
}

describe('createSharedArena()', () => {
  it('lends blocks of one shared buffer, low addresses first', async () => {
    const arena = createSharedArena({ byteLength: 100 * LINE });
    const [a, b] = [borrow(arena, 60 * LINE), borrow(arena, 40 * LINE)];
    await tick();
    expect(a.block()?.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([a.block()?.byteOffset, b.block()?.byteOffset]).toEqual([0, 60 * LINE]);
    a.letGo();
    await a.ended;
    const c = borrow(arena, 10 * LINE);
    await tick();
    expect(c.block()?.byteOffset).toBe(0);
  });

  it('makes those wait who find no room, and lets small blocks pass a large one', async () => {
    const arena = createSharedArena({ byteLength: 100 * LINE });
    const [a, large, small] = [borrow(arena, 60 * LINE), borrow(arena, 50 * LINE), borrow(arena, 10 * LINE)];
    await tick();
    expect([large.block(), small.block()?.byteOffset]).toEqual([undefined, 60 * LINE]);
    a.letGo();
    await tick();
    expect(large.block()?.byteOffset).toBe(0);
  });

  it('lets a large block be passed a bounded number of times only', async () => {
    const arena = createSharedArena({ byteLength: 100 * LINE });
    const holder = borrow(arena, 50 * LINE);
    const large = borrow(arena, 100 * LINE);
    const passing = Array.from({ length: 32 }, () => borrow(arena, 1 * LINE));
    const late = borrow(arena, 1 * LINE);
    await tick();
    expect(passing.every(({ block }) => block() !== undefined)).toBe(true);
    expect(late.block()).toBeUndefined();
    for (const { letGo } of [holder, ...passing]) letGo();
    await tick();
    expect(large.block()?.byteLength).toBe(100 * LINE);
    large.letGo();
    await tick();
    expect(late.block()).toBeDefined();
  });

  it('joins neighbouring free blocks again', async () => {
    const arena = createSharedArena({ byteLength: 90 * LINE });
    const parts = [borrow(arena, 30 * LINE), borrow(arena, 30 * LINE), borrow(arena, 30 * LINE)];
    for (const index of [0, 2, 1]) parts[index]?.letGo();
    await Promise.all(parts.map(({ ended }) => ended));
    expect(await arena.lend(90 * LINE, async (block) => block.byteLength, { signal })).toBe(90 * LINE);
  });

  it('takes the block back when the work fails', async () => {
    const arena = createSharedArena({ byteLength: 10 * LINE });
    await expect(arena.lend(10 * LINE, () => Promise.reject(new Error('broken')), { signal })).rejects.toThrow(
      'broken',
    );
    expect(await arena.lend(10 * LINE, async () => 'next', { signal })).toBe('next');
  });

  it('lends nothing to those who need nothing, at once', async () => {
    const arena = createSharedArena({ byteLength: 10 * LINE });
    borrow(arena, 10 * LINE);
    expect(await arena.lend(0, async (block) => block.byteLength, { signal })).toBe(0);
  });

  it('forgets a caller who leaves the queue', async () => {
    const arena = createSharedArena({ byteLength: 10 * LINE });
    const first = borrow(arena, 6 * LINE);
    const caller = new AbortController();
    const leaving = borrow(arena, 10 * LINE, caller.signal);
    const behind = borrow(arena, 4 * LINE);
    caller.abort();
    await expect(leaving.ended).rejects.toMatchObject({ code: 'cancelled' });
    expect(behind.block()?.byteOffset).toBe(6 * LINE);
    first.letGo();
  });

  it('begins blocks at lines of the cache, and lends exactly what was asked for', async () => {
    const arena = createSharedArena({ byteLength: 4 * LINE - 10 });
    const [a, b, c] = [borrow(arena, 1), borrow(arena, LINE + 1), borrow(arena, LINE)];
    await tick();
    expect([a, b, c].map(({ block }) => block()?.byteOffset)).toEqual([0, LINE, 3 * LINE]);
    expect([a, b, c].map(({ block }) => block()?.byteLength)).toEqual([1, LINE + 1, LINE]);
    expect(arena.byteLength).toBe(4 * LINE);
  });

  it('refuses what can never fit', async () => {
    const arena = createSharedArena({ byteLength: 10 * LINE });
    await expect(arena.lend(10 * LINE + 1, async () => undefined, { signal })).rejects.toThrow(RangeError);
  });

  it('never lends the same byte twice and ends whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(10 * LINE), { minLength: 1, maxLength: 30 }), async (sizes) => {
        const arena = createSharedArena({ byteLength: 16 * LINE });
        await Promise.all(
          sizes.map((size, mark) =>
            arena.lend(
              size,
              async (block) => {
                block.fill(mark);
                await tick();
                expect(block.every((value) => value === mark)).toBe(true);
              },
              { signal },
            ),
          ),
        );
        expect(await arena.lend(16 * LINE, async (block) => block.byteLength, { signal })).toBe(16 * LINE);
      }),
      { numRuns: 30 },
    );
  });
});
