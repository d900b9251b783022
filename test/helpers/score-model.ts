import type { FakeModel } from './fake-models.js';
import { createWaitingRoom, type WaitingRoom } from './waiting-room.js';

/** Has the service ask one model per picture, which the fake has under this name. */
export const SIMPLE_CHAIN = ['--transformer', 'facequality', '--facequality_chain', 'simple'];

/** The name of the model. */
export const SCORE_MODEL = 'face_quality';

/** A PNG of one grey pixel as a Request. */
export const TINY_REQUEST = {
  data: {
    item: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4AWNoAAAAggCBTBfX3wAAAABJRU5ErkJggg==',
  },
};

/**
 * The simple chain's model, which finds every picture equally good.
 * @param score of each picture
 * @param enter what each call waits for
 */
export function scoreModel(score: number, enter: () => Promise<void> = () => Promise.resolve()): FakeModel {
  return {
    maxBatchSize: 16,
    isReady: true,
    input: { name: 'input.1', datatype: 'FP32', dims: [3, 112, 112] },
    outputs: [{ name: '1346', datatype: 'FP32', dims: [1] }],
    run: async ({ shape: [count = 0] }) => {
      await enter();
      const bytes = Buffer.from(new Float32Array(count).fill(score).buffer);
      return [{ name: '1346', datatype: 'FP32', shape: [count, 1], bytes }];
    },
  };
}

/** A waiting room whose door stays open once it was opened. */
export function createGate(): Pick<WaitingRoom, 'enter' | 'holds'> & { readonly open: () => void } {
  const room = createWaitingRoom();
  let isOpen = false;
  return {
    enter: () => (isOpen ? Promise.resolve() : room.enter()),
    holds: room.holds,
    open: () => {
      isOpen = true;
      room.release();
    },
  };
}
