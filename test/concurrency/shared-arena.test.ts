import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { createSharedArena } from '../../src/concurrency/shared-arena.js';

const { signal } = new AbortController();
setMaxListeners(0, signal);
const tick = () => new Promise((resolve) => setImmediate(resolve));

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
    const arena = createSharedArena({ byteLength: 100 });
    const [a, b] = [borrow(arena, 60), borrow(arena, 40)];
    await tick();
    expect(a.block()?.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([a.block()?.byteOffset, b.block()?.byteOffset]).toEqual([0, 60]);
    a.letGo();
    await a.ended;
    const c = borrow(arena, 10);
    await tick();
    expect(c.block()?.byteOffset).toBe(0);
  });

  it('makes those wait who find no room, and lets small blocks pass a large one', async () => {
    const arena = createSharedArena({ byteLength: 100 });
    const [a, large, small] = [borrow(arena, 60), borrow(arena, 50), borrow(arena, 10)];
    await tick();
    expect([large.block(), small.block()?.byteOffset]).toEqual([undefined, 60]);
    a.letGo();
    await tick();
    expect(large.block()?.byteOffset).toBe(0);
  });

  it('lets a large block be passed a bounded number of times only', async () => {
    const arena = createSharedArena({ byteLength: 100 });
    const holder = borrow(arena, 50);
    const large = borrow(arena, 100);
    const passing = Array.from({ length: 32 }, () => borrow(arena, 1));
    const late = borrow(arena, 1);
    await tick();
    expect(passing.every(({ block }) => block() !== undefined)).toBe(true);
    expect(late.block()).toBeUndefined();
    for (const { letGo } of [holder, ...passing]) letGo();
    await tick();
    expect(large.block()?.byteLength).toBe(100);
    large.letGo();
    await tick();
    expect(late.block()).toBeDefined();
  });

  it('joins neighbouring free blocks again', async () => {
    const arena = createSharedArena({ byteLength: 90 });
    const parts = [borrow(arena, 30), borrow(arena, 30), borrow(arena, 30)];
    for (const index of [0, 2, 1]) parts[index]?.letGo();
    await Promise.all(parts.map(({ ended }) => ended));
    expect(await arena.lend(90, async (block) => block.byteLength, { signal })).toBe(90);
  });

  it('takes the block back when the work fails', async () => {
    const arena = createSharedArena({ byteLength: 10 });
    await expect(arena.lend(10, () => Promise.reject(new Error('broken')), { signal })).rejects.toThrow('broken');
    expect(await arena.lend(10, async () => 'next', { signal })).toBe('next');
  });

  it('lends nothing to those who need nothing, at once', async () => {
    const arena = createSharedArena({ byteLength: 10 });
    borrow(arena, 10);
    expect(await arena.lend(0, async (block) => block.byteLength, { signal })).toBe(0);
  });

  it('forgets a caller who leaves the queue', async () => {
    const arena = createSharedArena({ byteLength: 10 });
    const first = borrow(arena, 6);
    const caller = new AbortController();
    const leaving = borrow(arena, 10, caller.signal);
    const behind = borrow(arena, 4);
    caller.abort();
    await expect(leaving.ended).rejects.toMatchObject({ code: 'cancelled' });
    expect(behind.block()?.byteOffset).toBe(6);
    first.letGo();
  });

  it('refuses what can never fit', async () => {
    const arena = createSharedArena({ byteLength: 10 });
    await expect(arena.lend(11, async () => undefined, { signal })).rejects.toThrow(RangeError);
  });

  it('never lends the same byte twice and ends whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(40), { minLength: 1, maxLength: 30 }), async (sizes) => {
        const arena = createSharedArena({ byteLength: 64 });
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
        expect(await arena.lend(64, async (block) => block.byteLength, { signal })).toBe(64);
      }),
      { numRuns: 30 },
    );
  });
});
