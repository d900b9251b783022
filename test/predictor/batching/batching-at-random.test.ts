import { randomInt } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { ServiceError } from '../../../src/errors.js';
import { type Answer, batchingOver, echo, numbersOf, rowsRequest } from './echo-rows.js';

const CLIENTS = 40;
const CALLS_OF_EACH = 100;
const MAX_BATCH_SIZE = 12;
/** Rows that the model refuses: one of so many, so that most batches have none. */
const REFUSED_EVERY = 97;

const left = new ServiceError('cancelled', 'The client left');

const isRefused = (number: number) => number % REFUSED_EVERY === 0;

/** Refuses what holds such a row, whatever else it holds, and names the rows. */
const mostlyEcho: Answer = (call) => {
  if (call.numbers.some(isRefused)) throw new ServiceError('upstream_error', `refused ${call.numbers.join(',')}`);
  return echo(call);
};

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await setImmediate();
}

describe('createBatchingPredictor(), at random', () => {
  it('loses, mixes and reorders nothing, whatever comes, fails and leaves', async () => {
    const { predictor, room, seen, counted } = batchingOver({
      maxBatchSize: MAX_BATCH_SIZE,
      maxDelayMs: 1,
      answer: mostlyEcho,
    });
    const outcomes = { answered: 0, left: 0, refused: 0 };
    let lastNumber = 0;

    const oneCall = async () => {
      const numbers = Array.from({ length: randomInt(1, 6) }, () => ++lastNumber);
      const leaving = new AbortController();
      const answer = predictor.infer(rowsRequest(numbers), {
        signal: leaving.signal,
        headers: { tenant: String(randomInt(2)) },
      });
      const outcome = answer.then(
        ({ outputs }) => numbersOf(outputs),
        (error: unknown) => error,
      );
      if (randomInt(5) === 0) {
        await turns(randomInt(6));
        leaving.abort(left);
      }
      const came = await outcome;
      if (came === left) outcomes.left++;
      else if (numbers.some(isRefused)) {
        expect(came).toMatchObject({ code: 'upstream_error', message: `refused ${numbers.join(',')}` });
        outcomes.refused++;
      } else {
        expect(came).toEqual(numbers);
        outcomes.answered++;
      }
    };
    const client = async () => {
      for (let call = 0; call < CALLS_OF_EACH; call++) await oneCall();
    };

    const all = { areOver: false };
    const clients = Promise.all(Array.from({ length: CLIENTS }, client)).finally(() => (all.areOver = true));
    // The model answers whatever it has been asked after some turns of the event loop.
    while (!all.areOver) {
      await turns(randomInt(1, 5));
      room.release();
    }
    await clients;

    const { answered, refused } = outcomes;
    expect(answered + outcomes.left + refused).toBe(CLIENTS * CALLS_OF_EACH);
    expect(answered).toBeGreaterThan((CLIENTS * CALLS_OF_EACH) / 2);
    expect(Math.min(outcomes.left, refused)).toBeGreaterThan(0);
    expect(Math.max(...seen.map(({ numbers }) => numbers.length))).toBeLessThanOrEqual(MAX_BATCH_SIZE);
    expect(Math.max(...counted.map(({ requests }) => requests))).toBeGreaterThan(3);
    expect(counted.length).toBeLessThan((CLIENTS * CALLS_OF_EACH) / 2);
  });
});
