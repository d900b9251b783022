import { copyInPhase, PHASE_BYTES } from '../../src/imaging/copy-in-phase.js';

describe('copyInPhase()', () => {
  const places = Array.from({ length: 8 }, (_, from) =>
    Array.from({ length: 8 }, (_, to) => [from, to] as const),
  ).flat();

  it.each(places)('copies what begins at byte %i of a word to there, in a room that begins at byte %i', (from, to) => {
    const bytes = new Uint8Array(new ArrayBuffer(64), from, 20).map((_, i) => i + 1);
    const given = new Uint8Array(new ArrayBuffer(64), from, 20);
    given.set(bytes);
    const memory = new SharedArrayBuffer(64);
    const copy = copyInPhase(given, new Uint8Array(memory, to, 20 + PHASE_BYTES));
    expect([...copy]).toEqual([...bytes]);
    expect(copy.buffer).toBe(memory);
    expect(copy.byteOffset % 8).toBe(from);
    const outside = [...new Uint8Array(memory, 0, copy.byteOffset), ...new Uint8Array(memory, copy.byteOffset + 20)];
    expect(outside.every((value) => value === 0)).toBe(true);
  });
});
