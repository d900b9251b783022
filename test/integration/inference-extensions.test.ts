import type { TritonInferRequest } from '../../src/predictor/triton/inference.js';
import { parseClassification } from '../../src/predictor/triton/tensors/classification.js';
import { createTensor } from '../../src/predictor/triton/tensors/create-tensor.js';
import { toNumbers, toStrings } from '../../src/predictor/triton/tensors/read-tensor.js';
import type { AnyTensor } from '../../src/tensor.js';
import { serviceErrorOf } from '../helpers/service-error-of.js';
import { aCall, CALL_LIMIT_MS, createTransport, type InferenceTransport } from './triton-transport.js';

/** How long the model of one instance is kept busy, for others to wait in its queue. */
const BUSY_MS = 600;

/** By when the server has taken a call: the order in its queue shows in nothing else before the answers. */
const ARRIVAL_MS = 150;

/** What the model request_extensions shows of a request. */
interface Shown {
  readonly id: string;
  /** Counts the requests that the model has executed. */
  readonly executedAs: number;
  readonly parameters: Record<string, unknown>;
  /** Of the queue, in microseconds; 0 when the request has none. */
  readonly timeout: number;
}

describe.each(['http', 'grpc'] as const)("Triton's extensions of inference over %s", (protocol) => {
  let transport: InferenceTransport;
  beforeAll(() => {
    transport = createTransport(protocol);
  });
  afterAll(() => transport.close());

  const infer = (request: Partial<TritonInferRequest>, scores: readonly number[] = [0.5, 3, -1]) => {
    const inputs = { SCORES_IN: createTensor('FP32', [scores.length / 3, 3], scores) };
    return transport.infer({ model: 'request_extensions', inputs, ...request }, aCall());
  };
  const shownText = async (request: Partial<TritonInferRequest>) => {
    const { outputs } = await infer({ ...request, outputs: ['REQUEST'] });
    return toStrings(given(outputs.get('REQUEST')))[0] ?? '';
  };
  const shown = async (request: Partial<TritonInferRequest>) => JSON.parse(await shownText(request)) as Shown;

  describe('the id and the version', () => {
    it('gives the id to the model and back', async () => {
      const id = 'request "1" für alle';
      expect((await infer({ id })).id).toBe(id);
      expect((await shown({ id })).id).toBe(id);
    });

    it('gives no id back where there was none', async () => {
      expect(await infer({})).toMatchObject({ model: 'request_extensions', version: '1', id: '' });
    });

    it('asks the version that is named', async () => {
      expect((await infer({ version: '1' })).version).toBe('1');
      const error = await serviceErrorOf(infer({ version: '7' }));
      expect(error.code).toBe('upstream_error');
      expect(error.upstream?.status).toBe('NOT_FOUND');
      expect(error.upstream?.text).toContain("'request_extensions' version 7 is not found");
    });
  });

  describe('custom parameters', () => {
    it('arrive as they are', async () => {
      const parameters = {
        whole: 7,
        negative: -5,
        double: 0.1,
        large: 1e21,
        yes: true,
        no: false,
        text: 'x "ü"',
        '': 0,
      };
      expect((await shown({ parameters })).parameters).toEqual(parameters);
    });

    it.each([
      ['a bigint', 2n ** 60n + 1n, '1152921504606846977'],
      ['the least int64', -(2n ** 63n), '-9223372036854775808'],
      ['a whole number beyond 2^53', 2 ** 60, '1152921504606846976'],
    ])('arrive with all digits of %s', async (_, value, digits) => {
      expect(await shownText({ parameters: { value } })).toContain(`"parameters": {"value": ${digits}}`);
    });
  });

  describe('classification', () => {
    it('gives the highest values of each item with their labels', async () => {
      const outputs = [{ name: 'SCORES_OUT', classification: 2 }];
      const answer = await infer({ outputs }, [0.5, 3, -1, 7, 1e10, -Infinity]);
      const tensor = given(answer.outputs.get('SCORES_OUT'));
      expect(tensor).toMatchObject({ datatype: 'BYTES', shape: [2, 2] });
      expect(parseClassification(tensor)).toEqual([
        [
          { value: 3, index: 1, label: 'time 12:30:00' },
          { value: 0.5, index: 0, label: 'cat' },
        ],
        [
          { value: 1e10, index: 1, label: 'time 12:30:00' },
          { value: 7, index: 0, label: 'cat' },
        ],
      ]);
    });

    it('gives all values where more are asked for', async () => {
      const outputs = [{ name: 'SCORES_OUT', classification: 99 }, 'REQUEST'];
      const answer = await infer({ outputs }, [0.5, -Infinity, NaN]);
      expect([...answer.outputs.keys()]).toEqual(['SCORES_OUT', 'REQUEST']);
      const [row = []] = parseClassification(given(answer.outputs.get('SCORES_OUT')));
      expect(row).toHaveLength(3);
      expect(row).toContainEqual({ value: NaN, index: 2, label: 'für "alle"' });
      expect(row).toContainEqual({ value: -Infinity, index: 1, label: 'time 12:30:00' });
    });

    it('gives no labels where the model has none', async () => {
      const inputs = { INT32_IN: createTensor('INT32', [1, 3], [5, -7, 6]) };
      const outputs = [{ name: 'INT32_OUT', classification: 1 }];
      const answer = await transport.infer({ model: 'every_datatype', inputs, outputs }, aCall());
      const rows = parseClassification(given(answer.outputs.get('INT32_OUT')));
      expect(rows).toEqual([[{ value: 6, index: 2 }]]);
    });
  });

  describe('sequences', () => {
    const add = async (sequence: NonNullable<TritonInferRequest['sequence']>, summand: number) => {
      const inputs = { INPUT0: createTensor('INT64', [1, 1], [summand]) };
      const { outputs } = await transport.infer({ model: 'sequence_sum', sequence, inputs }, aCall());
      const [sum] = toNumbers(given(outputs.get('SUM')));
      const [id] = toStrings(given(outputs.get('SEQUENCE_ID')));
      return { sum, id };
    };

    it.each([
      ['a number', 42, '42'],
      ['the greatest number', 2n ** 64n - 1n, '18446744073709551615'],
      ['a text', `user of ${protocol}`, `'user of ${protocol}'`],
      ['the longest text', 'x'.repeat(128), `'${'x'.repeat(128)}'`],
    ])('belong together by %s', async (_, id, asSeen) => {
      expect(await add({ id, start: true }, 5)).toEqual({ sum: 5, id: asSeen });
      expect(await add({ id }, 6)).toEqual({ sum: 11, id: asSeen });
      expect(await add({ id, end: true }, 7)).toEqual({ sum: 18, id: asSeen });
    });

    it('are kept apart', async () => {
      await add({ id: 1, start: true }, 1);
      await add({ id: 2, start: true }, 20);
      expect((await add({ id: 1, end: true }, 1)).sum).toBe(2);
      expect((await add({ id: 2, end: true }, 20)).sum).toBe(40);
    });

    it('fail in their midst when they were not started', async () => {
      const error = await serviceErrorOf(add({ id: 999 }, 1));
      expect(error.code).toBe('upstream_error');
      expect(error.upstream?.text).toContain('must specify the START flag on the first request of the sequence');
    });
  });

  describe('the queue of a busy model', () => {
    /** Keeps the model busy, and long enough before `work` begins for the server to have taken the call. */
    const whileBusy = async <T>(work: () => Promise<T>): Promise<[busy: Shown, result: T]> => {
      const busy = shown({ parameters: { busy_ms: BUSY_MS } });
      await delay(ARRIVAL_MS);
      return Promise.all([busy, work()]);
    };

    it('lets a request of higher priority overtake', async () => {
      const [busy, [high, low]] = await whileBusy(async () => {
        const low = shown({ priority: 2 });
        await delay(ARRIVAL_MS);
        return Promise.all([shown({ priority: 1 }), low]);
      });
      expect(high.executedAs).toBeGreaterThan(busy.executedAs);
      expect(low.executedAs).toBeGreaterThan(high.executedAs);
    });

    it.each([0, 1, 99, 2n ** 64n - 1n])('takes the priority %s', async (priority) => {
      expect((await shown({ id: 'x', priority })).id).toBe('x');
    });

    it('gives a request up that waited longer than its queue timeout', async () => {
      const [, error] = await whileBusy(() => serviceErrorOf(infer({ queueTimeoutMs: 1 })));
      expect(error.code).toBe('unavailable');
      expect(error.upstream?.status).toBe('UNAVAILABLE');
      expect(error.upstream?.text).toContain('Request timeout expired');
      expect(error.isSafeToRetry).toBe(true);
    });

    it('keeps a request that waited less', async () => {
      const [busy, waiting] = await whileBusy(() => shown({ queueTimeoutMs: CALL_LIMIT_MS }));
      expect(waiting.executedAs).toBeGreaterThan(busy.executedAs);
    });

    it.each([
      ['in microseconds', 1500.5, 1_500_500],
      ["as what remains of the call's time", 'remaining', CALL_LIMIT_MS * 1000],
    ] as const)('is told the timeout %s', async (_, queueTimeoutMs, microseconds) => {
      expect((await shown({ queueTimeoutMs })).timeout).toBe(microseconds);
    });
  });
});

function given(tensor: AnyTensor | undefined): AnyTensor {
  if (tensor === undefined) throw new Error('The answer lacks an output');
  return tensor;
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
