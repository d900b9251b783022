import { setImmediate } from 'node:timers/promises';
import type { CountedPredictorBatch } from '../../../src/observability/metrics.js';
import { createBatchingPredictor } from '../../../src/predictor/batching/batching-predictor.js';
import type {
  CallOptions,
  InferRequest,
  InferResponse,
  ModelInfo,
  Predictor,
} from '../../../src/predictor/predictor.js';
import { float32Tensor } from '../../../src/tensor.js';
import { createWaitingRoom } from '../../helpers/waiting-room.js';

/** Longer than any test takes: nothing goes because of the time. */
const LONG_MS = 1_000_000;

const ROW_VALUES = 2;
export const ROW_BYTES = ROW_VALUES * Float32Array.BYTES_PER_ELEMENT;

/** Rows whose every value is the number of its row. */
export function rowsRequest(numbers: readonly number[], more: Partial<InferRequest> = {}): InferRequest {
  const data = Float32Array.from(numbers.flatMap((number) => [number, number]));
  return { model: 'echo', inputs: new Map([['input', float32Tensor([numbers.length, ROW_VALUES], data)]]), ...more };
}

export function numbersOf(tensors: InferRequest['inputs']): number[] {
  const [tensor] = tensors.values();
  return Array.from({ length: tensor?.shape[0] ?? 0 }, (_, row) => Number(tensor?.data[row * ROW_VALUES]));
}

interface Seen {
  readonly request: InferRequest;
  readonly options: CallOptions;
  readonly numbers: readonly number[];
}

export type Answer = (seen: Seen) => Promise<InferResponse> | InferResponse;

/** The rows come back as they went. */
export const echo: Answer = ({ request }) => ({
  outputs: new Map([...request.inputs].map(([, tensor]) => ['output', tensor])),
});

/** A model that echoes, each call after it was let go, and the predictor that brings calls to it together. */
export function batchingOver(
  options: {
    maxBatchSize?: number;
    maxDelayMs?: number;
    maxBodyBytes?: number;
    /** By default all whose calls have come. */
    requestsAtWork?: () => number;
    answer?: Answer;
  } = {},
) {
  const { maxBatchSize = 8, maxDelayMs = LONG_MS, maxBodyBytes = Infinity, answer = echo } = options;
  const { requestsAtWork = () => 0 } = options;
  const room = createWaitingRoom();
  const seen: Seen[] = [];
  const counted: CountedPredictorBatch[] = [];
  const info: ModelInfo = { name: 'echo', inputs: [], outputs: [], maxBatchSize, versions: [], platform: '' };
  const state = { info: () => Promise.resolve(info), asked: 0 };
  const predictor = createBatchingPredictor(
    {
      address: 'grpc://triton:8001',
      infer: async (request: InferRequest, call: CallOptions = {}) => {
        const entry = { request, options: call, numbers: numbersOf(request.inputs) };
        seen.push(entry);
        await Promise.race([room.enter(), abortOf(call.signal)]);
        return answer(entry);
      },
      modelInfo: () => {
        state.asked++;
        return state.info();
      },
    } as unknown as Predictor,
    { maxDelayMs, maxBodyBytes, requestsAtWork, metrics: { countPredictorBatch: (batch) => void counted.push(batch) } },
  );
  const infer = async (numbers: readonly number[], call?: CallOptions, more?: Partial<InferRequest>) =>
    numbersOf((await predictor.infer(rowsRequest(numbers, more), call)).outputs);
  return { predictor, infer, room, seen, counted, state, batches: () => seen.map(({ numbers }) => numbers) };
}

function abortOf(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error));
  });
}

/** Lets all that is ready to happen happen. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await setImmediate();
}
