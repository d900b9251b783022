import { type ErrorCode, ServiceError } from '../../../src/errors.js';
import { NO_SPAN, type Span } from '../../../src/observability/span.js';
import { createBatchingPredictor } from '../../../src/predictor/batching/batching-predictor.js';
import type { Predictor } from '../../../src/predictor/predictor.js';
import { float32Tensor } from '../../../src/tensor.js';
import { serviceErrorOf } from '../../helpers/service-error-of.js';
import { createWaitingRoom } from '../../helpers/waiting-room.js';
import { type Answer, batchingOver, echo, numbersOf, ROW_BYTES, rowsRequest, settled } from './echo-rows.js';

const left = new ServiceError('cancelled', 'The client left');

describe('createBatchingPredictor()', () => {
  it('makes a call at once while its model is idle, as it is, and does not even ask for its size', async () => {
    const { predictor, room, seen, counted, state } = batchingOver();
    const request = rowsRequest([1], { id: 'mine' });
    const options = { headers: { a: 'b' } };
    const answer = predictor.infer(request, options);
    expect(seen).toHaveLength(1);
    expect(seen[0]?.request).toBe(request);
    expect(seen[0]?.options).toBe(options);
    room.release();
    expect(numbersOf((await answer).outputs)).toEqual([1]);
    expect(state.asked).toBe(0);
    expect(counted).toEqual([{ model: 'echo', requests: 1, waitSeconds: 0 }]);
  });

  it('joins what comes while a call is under way, and makes it when that is over', async () => {
    const { infer, room, batches, counted, state } = batchingOver();
    const answers = [[1], [2], [3, 4], [5]].map((numbers) => infer(numbers));
    await settled();
    expect(batches()).toEqual([[1]]);
    room.release();
    await room.holds(1);
    expect(batches()).toEqual([[1], [2, 3, 4, 5]]);
    room.release();
    expect(await Promise.all(answers)).toEqual([[1], [2], [3, 4], [5]]);
    expect(counted).toMatchObject([{ requests: 1 }, { model: 'echo', requests: 3 }]);
    expect(counted[1]?.waitSeconds).toBeGreaterThan(0);
    expect(state.asked).toBeGreaterThan(0);
  });

  describe('while requests are worked on whose calls are still to come', () => {
    it('waits for them, and makes one call when all have come', async () => {
      const { infer, room, batches, counted } = batchingOver({ requestsAtWork: () => 3 });
      const first = infer([1]);
      await settled();
      const second = infer([2]);
      await settled();
      expect(batches()).toEqual([]);
      const third = infer([3]);
      await room.holds(1);
      expect(batches()).toEqual([[1, 2, 3]]);
      room.release();
      expect(await Promise.all([first, second, third])).toEqual([[1], [2], [3]]);
      expect(counted).toMatchObject([{ requests: 3 }]);
    });

    it('waits for no longer than it may', async () => {
      const { infer, room, batches } = batchingOver({ requestsAtWork: () => 3, maxDelayMs: 20 });
      const answer = infer([1]);
      await settled();
      expect(batches()).toEqual([]);
      await room.holds(1);
      expect(batches()).toEqual([[1]]);
      room.release();
      expect(await answer).toEqual([1]);
    });

    it('does not wait once they have ended without a call', async () => {
      let atWork = 2;
      const { infer, room, batches } = batchingOver({ requestsAtWork: () => atWork });
      const first = infer([1]);
      await settled();
      expect(batches()).toEqual([]);
      atWork = 1;
      const second = infer([2]);
      await room.holds(1);
      expect(batches()).toEqual([[1, 2]]);
      room.release();
      expect(await Promise.all([first, second])).toEqual([[1], [2]]);
    });
  });

  it('makes a batch as soon as it is full, and before a call that does not fit in', async () => {
    const { infer, room, batches } = batchingOver();
    const answers = [[0], ...Array.from({ length: 9 }, (_, i) => [i + 1]), [10, 11, 12], [13, 14, 15], [16, 17]].map(
      (numbers) => infer(numbers),
    );
    await settled();
    expect(batches()).toEqual([[0], [1, 2, 3, 4, 5, 6, 7, 8], [9, 10, 11, 12, 13, 14, 15]]);
    room.release();
    await room.holds(1);
    expect(batches()[3]).toEqual([16, 17]);
    room.release();
    expect((await Promise.all(answers)).flat()).toEqual(Array.from({ length: 18 }, (_, i) => i));
  });

  it('makes a batch when its first call has waited for as long as it may', async () => {
    const { infer, room, batches } = batchingOver({ maxDelayMs: 20 });
    const answers = [[1], [2], [3]].map((numbers) => infer(numbers));
    await settled();
    expect(batches()).toEqual([[1]]);
    await room.holds(2);
    expect(batches()).toEqual([[1], [2, 3]]);
    room.release();
    expect(await Promise.all(answers)).toEqual([[1], [2], [3]]);
  });

  it('keeps a batch within the limit of bytes', async () => {
    const { infer, room, batches } = batchingOver({ maxBodyBytes: 3 * ROW_BYTES + 1 });
    const answers = [[0], [1], [2], [3], [4]].map((numbers) => infer(numbers));
    await settled();
    expect(batches()).toEqual([[0], [1, 2, 3]]);
    room.release();
    await room.holds(1);
    room.release();
    expect(await Promise.all(answers)).toEqual([[0], [1], [2], [3], [4]]);
  });

  it('keeps a batch of elements of any size within the limit of bytes', async () => {
    const { predictor, room, seen } = batchingOver({ maxBodyBytes: 100 });
    // On the wire each element has 4 bytes more.
    const answers = [1, 26, 26, 46, 6].map((size) =>
      predictor.infer({
        model: 'echo',
        inputs: new Map([['input', { datatype: 'BYTES', shape: [1, 1], data: [Buffer.alloc(size)] }]]),
      }),
    );
    await settled();
    for (let turn = 0; turn < 3; turn++) {
      room.release();
      await settled();
    }
    const sizes = (await Promise.all(answers)).map(({ outputs }) => outputs.get('output')?.data as Uint8Array[]);
    expect(sizes.map(([element]) => element?.length)).toEqual([1, 26, 26, 46, 6]);
    expect(seen.map(({ request }) => request.inputs.get('input')?.shape[0])).toEqual([1, 2, 2]);
  });

  it.each([
    ['a model that does not batch', { maxBatchSize: 0 }, [1], {}],
    ['a model that takes one row', { maxBatchSize: 1 }, [1], {}],
    ['a call that fills a batch', {}, [1, 2, 3, 4, 5, 6, 7, 8], {}],
    ['a call that fills half a batch', {}, [1, 2, 3, 4], {}],
    ['a call of more than half of the bytes', { maxBodyBytes: 4 * ROW_BYTES - 1 }, [1, 2], {}],
    ['a call of a sequence', {}, [1], { parameters: { sequence_id: 5 } }],
  ])('lets %s pass straight through', async (_, options, numbers, more) => {
    const { infer, room, seen } = batchingOver(options);
    const answers = [infer([0]), infer(numbers, {}, more), infer(numbers, {}, more)];
    await settled();
    expect(seen).toHaveLength(3);
    room.release();
    expect(await Promise.all(answers)).toEqual([[0], numbers, numbers]);
  });

  it('joins two single rows for a model that takes two', async () => {
    const { infer, room, batches } = batchingOver({ maxBatchSize: 2 });
    const answers = [[0], [1], [2]].map((numbers) => infer(numbers));
    await settled();
    expect(batches()).toEqual([[0], [1, 2]]);
    room.release();
    await Promise.all(answers);
  });

  it('joins calls of one kind alone, the kind that came first before the others', async () => {
    const { infer, room, batches } = batchingOver();
    const by = (authorization: string) => ({ headers: { authorization } });
    const answers = [infer([0]), infer([1], by('a')), infer([2], by('b')), infer([3], by('a')), infer([4], by('b'))];
    await settled();
    room.release();
    await room.holds(1);
    expect(batches()).toEqual([[0], [1, 3]]);
    room.release();
    await room.holds(1);
    expect(batches()).toEqual([[0], [1, 3], [2, 4]]);
    room.release();
    expect(await Promise.all(answers)).toEqual([[0], [1], [2], [3], [4]]);
  });

  it('does not let calls of one model, or version, wait for those of another', async () => {
    const { infer, room, batches } = batchingOver();
    const answers = [infer([0]), infer([1], {}, { model: 'other' }), infer([2], {}, { version: '2' })];
    expect(batches()).toEqual([[0], [1], [2]]);
    room.release();
    await Promise.all(answers);
  });

  it('lets a call pass whose model’s size cannot be had, so that it hears why itself', async () => {
    const { infer, room, state, batches } = batchingOver();
    state.info = () => Promise.reject(new ServiceError('unavailable', 'away'));
    const answers = [infer([0]), infer([1])];
    await settled();
    expect(batches()).toEqual([[0], [1]]);
    room.release();
    expect(await Promise.all(answers)).toEqual([[0], [1]]);
  });

  it('makes the batch whose callers asked for the size until nothing was under way any more', async () => {
    const sizes = createWaitingRoom();
    const { infer, room, state, batches } = batchingOver();
    const { info } = state;
    state.info = () => sizes.enter().then(info);
    const answers = [infer([0]), infer([1]), infer([2])];
    await sizes.holds(2);
    room.release();
    expect(await answers[0]).toEqual([0]);
    sizes.release();
    await room.holds(1);
    expect(batches()).toEqual([[0], [1]]);
    room.release();
    await room.holds(1);
    room.release();
    expect(await Promise.all(answers)).toEqual([[0], [1], [2]]);
  });

  describe('who leaves', () => {
    it('is taken out of a batch that was not sent, and hears its own reason at once', async () => {
      const { infer, room, batches } = batchingOver();
      const leaving = new AbortController();
      const first = infer([0]);
      const gone = serviceErrorOf(infer([1], { signal: leaving.signal }));
      const stays = infer([2]);
      await settled();
      leaving.abort(left);
      expect(await gone).toBe(left);
      room.release();
      await room.holds(1);
      expect(batches()).toEqual([[0], [2]]);
      room.release();
      expect(await Promise.all([first, stays])).toEqual([[0], [2]]);
    });

    it('leaves no batch behind when all have', async () => {
      const { infer, room, batches, counted } = batchingOver();
      const leaving = new AbortController();
      const first = infer([0]);
      const gone = [1, 2].map((number) => serviceErrorOf(infer([number], { signal: leaving.signal })));
      await settled();
      leaving.abort(left);
      expect(await Promise.all(gone)).toEqual([left, left]);
      room.release();
      await first;
      await settled();
      expect(batches()).toEqual([[0]]);
      expect(counted).toHaveLength(1);
    });

    it('is not sent at all when it had left before', async () => {
      const { infer, room, batches } = batchingOver();
      const first = infer([0]);
      expect(await serviceErrorOf(infer([1], { signal: AbortSignal.abort(left) }))).toBe(left);
      room.release();
      await first;
      expect(batches()).toEqual([[0]]);
    });

    it('later hears its own reason at once, and the others have their rows; the last one cancels the call', async () => {
      const { infer, room, seen } = batchingOver();
      const [one, two, three] = [new AbortController(), new AbortController(), new AbortController()];
      const first = infer([0]);
      const joined = [one, two, three].map(({ signal }, i) => infer([i + 1], { signal }));
      await settled();
      room.release();
      await first;
      await room.holds(1);
      const late = new ServiceError('deadline_exceeded', 'The request took longer than its limit of 5 ms');
      one.abort(late);
      expect(await serviceErrorOf(joined[0] ?? first)).toBe(late);
      expect(seen[1]?.options.signal?.aborted).toBe(false);
      room.release();
      expect(await Promise.all(joined.slice(1))).toEqual([[2], [3]]);
      // Who has its answer may leave.
      two.abort(left);
      expect(seen[1]?.options.signal?.aborted).toBe(false);
    });

    it('as the last one cancels the call', async () => {
      const { infer, room, seen } = batchingOver();
      const leaving = [new AbortController(), new AbortController()];
      const first = infer([0]);
      const joined = leaving.map(({ signal }, i) => serviceErrorOf(infer([i + 1], { signal })));
      await settled();
      room.release();
      await first;
      await room.holds(1);
      leaving[0]?.abort(left);
      expect(seen[1]?.options.signal?.aborted).toBe(false);
      const last = new ServiceError('deadline_exceeded', 'late');
      leaving[1]?.abort(last);
      expect(await Promise.all(joined)).toEqual([left, last]);
      expect(seen[1]?.options.signal?.reason).toBe(last);
      expect(seen).toHaveLength(2);
    });
  });

  describe('what fails', () => {
    /** Refuses batches that hold 13. */
    const refusing =
      (code: ErrorCode): Answer =>
      (call) => {
        if (call.numbers.includes(13)) throw new ServiceError(code, `refused ${call.numbers.join(',')}`);
        return echo(call);
      };

    it.each(['invalid_argument', 'upstream_error', 'payload_too_large'] as const)(
      'by %s is called once more by itself for each caller, so that the error is one caller’s',
      async (code) => {
        const { infer, room, batches } = batchingOver({ answer: refusing(code) });
        const answers = [[0], [1], [13], [2]].map((numbers) => infer(numbers).catch((error: unknown) => error));
        await settled();
        room.release();
        await room.holds(1);
        room.release();
        await room.holds(3);
        expect(batches()).toEqual([[0], [1, 13, 2], [1], [13], [2]]);
        room.release();
        expect(await Promise.all(answers)).toEqual([[0], [1], new ServiceError(code, 'refused 13'), [2]]);
        expect(batches()).toHaveLength(5);
      },
    );

    it('by itself is not called again', async () => {
      const { infer, room, batches } = batchingOver({ answer: refusing('invalid_argument') });
      const answers = [infer([0]), serviceErrorOf(infer([13]))];
      await settled();
      room.release();
      await room.holds(1);
      room.release();
      expect(await Promise.all(answers)).toMatchObject([[0], { message: 'refused 13' }]);
      expect(batches()).toEqual([[0], [13]]);
    });

    it.each(['unavailable', 'deadline_exceeded', 'resource_exhausted', 'internal'] as const)(
      'by %s fails for all callers alike',
      async (code) => {
        const { infer, room, batches } = batchingOver({ answer: refusing(code) });
        const first = infer([0]);
        const joined = [1, 13, 2].map((number) => serviceErrorOf(infer([number])));
        await settled();
        room.release();
        await first;
        await room.holds(1);
        room.release();
        expect(await Promise.all(joined)).toMatchObject([1, 2, 3].map(() => ({ code, message: 'refused 1,13,2' })));
        expect(batches()).toHaveLength(2);
      },
    );

    it('is not called again for who has left meanwhile', async () => {
      const { infer, room, batches } = batchingOver({ answer: refusing('upstream_error') });
      const leaving = new AbortController();
      const first = infer([0]);
      const joined = [infer([1], { signal: leaving.signal }), infer([2]), infer([13])].map((answer) =>
        answer.catch((error: unknown) => error),
      );
      await settled();
      room.release();
      await first;
      await room.holds(1);
      leaving.abort(left);
      room.release();
      await room.holds(2);
      expect(batches().slice(2)).toEqual([[2], [13]]);
      room.release();
      expect(await Promise.all(joined)).toMatchObject([left, [2], { message: 'refused 13' }]);
    });

    it('by itself can still be left', async () => {
      const { infer, room, seen } = batchingOver({ answer: refusing('upstream_error') });
      const leaving = new AbortController();
      const first = infer([0]);
      const joined = [infer([1], { signal: leaving.signal }), infer([13])].map((answer) =>
        answer.catch((error: unknown) => error),
      );
      await settled();
      room.release();
      await first;
      await room.holds(1);
      room.release();
      await room.holds(2);
      leaving.abort(left);
      expect(await joined[0]).toBe(left);
      expect(seen[2]?.options.signal?.reason).toBe(left);
      room.release();
      expect(await joined[1]).toMatchObject({ message: 'refused 13' });
    });

    it('by an answer that does not fit the batch is said to all, and not called again', async () => {
      const { infer, room, batches } = batchingOver({
        answer: ({ numbers }) => ({
          outputs: new Map([['output', float32Tensor([1, numbers.length], Float32Array.from(numbers))]]),
        }),
      });
      const first = infer([0]);
      const joined = [1, 2].map((number) => serviceErrorOf(infer([number])));
      await settled();
      room.release();
      await first;
      await room.holds(1);
      room.release();
      const message =
        "The predictor's answer for model echo is not valid: output output has the shape [1,2] for a batch of 2 rows, of 2 requests";
      expect(await Promise.all(joined)).toMatchObject([1, 2].map(() => ({ code: 'upstream_error', message })));
      expect(batches()).toHaveLength(2);
    });

    it('has the model’s size asked for again', async () => {
      const { infer, room, state } = batchingOver({ answer: refusing('upstream_error') });
      const round = async (numbers: readonly number[]) => {
        const answers = numbers.map((number) => infer([number]).catch(() => undefined));
        await settled();
        for (let turn = 0; turn < 3; turn++) {
          room.release();
          await settled();
        }
        await Promise.all(answers);
        return state.asked;
      };
      expect(await round([0, 1])).toBe(1);
      expect(await round([0, 1])).toBe(1);
      expect(await round([0, 13, 1])).toBe(1);
      expect(await round([0, 1])).toBe(2);
    });
  });

  it('gives the predictor the first caller’s headers, and tells each caller those of the answer', async () => {
    const { infer, room, seen } = batchingOver({
      answer: (call) => {
        call.options.onResponseHeaders?.(new Map([['x-served-by', 'triton']]));
        return echo(call);
      },
    });
    const told: [number, string | undefined][] = [];
    const by = (number: number) => ({
      headers: { authorization: 'same', 'x-request-id': `r-${number}` },
      onResponseHeaders: (headers: ReadonlyMap<string, string>) => void told.push([number, headers.get('x-served-by')]),
    });
    const first = infer([0]);
    const joined = [1, 2, 3].map((number) => infer([number], by(number)));
    await settled();
    room.release();
    await first;
    await room.holds(1);
    room.release();
    await Promise.all(joined);
    expect(seen[1]?.options.headers).toEqual({ authorization: 'same', 'x-request-id': 'r-1' });
    expect(told).toEqual([1, 2, 3].map((number) => [number, 'triton']));
  });

  it('has a span for each caller, which says whose trace the call is in', async () => {
    const { infer, room, seen } = batchingOver();
    const spans: { name: string; attributes: Record<string, unknown>; ends: number; own: Span }[] = [];
    const spanOf = (traceId: string): Span => ({
      ...NO_SPAN,
      child: (name) => {
        const recorded = { name, attributes: {}, ends: 0 };
        const own: Span = {
          ...NO_SPAN,
          traceId,
          set: (more) => void Object.assign(recorded.attributes, more),
          end: () => {
            recorded.ends++;
          },
        };
        spans.push(Object.assign(recorded, { own }));
        return own;
      },
    });
    const first = infer([0]);
    const joined = ['t-1', 't-2'].map((traceId, i) => infer([i + 1, i + 1], { span: spanOf(traceId) }));
    await settled();
    room.release();
    await first;
    await room.holds(1);
    expect(seen[1]?.options.span).toBe(spans[0]?.own);
    room.release();
    await Promise.all(joined);
    const attributes = {
      'inference.batch_requests': 2,
      'inference.batch_rows': 4,
      'inference.batch_trace_id': 't-1',
    };
    expect(spans).toMatchObject([1, 2].map(() => ({ name: 'batch echo', attributes, ends: 1 })));
  });

  it('is what it is made of in everything else', () => {
    const others = {
      address: 'embedded',
      infer: () => Promise.reject(left),
      modelInfo: () => Promise.reject(left),
      close: () => Promise.resolve(),
    } as unknown as Predictor;
    const metrics = { countPredictorBatch: () => undefined };
    const batching = createBatchingPredictor(others, {
      maxDelayMs: 1,
      maxBodyBytes: 1,
      requestsAtWork: () => 0,
      metrics,
    });
    expect({ ...batching, infer: undefined }).toEqual({ ...others, infer: undefined });
  });
});
