import { Worker } from 'node:worker_threads';
import { abortReason } from '../../concurrency/deadline.js';
import { ServiceError } from '../../errors.js';
import type { AnyTensor } from '../../tensor.js';
import type { InferRequest, NamedTensors } from '../predictor.js';
import {
  type CallMessage,
  CLOSE,
  type FoundModel,
  type LoadMessage,
  type WorkerMessage,
  type WorkerSettings,
} from './messages.js';

/** A worker thread that holds loaded models of a repository. */
export interface ModelThread {
  /** Those of the repository. */
  readonly models: readonly FoundModel[];
  /**
   * Loads a model that was found, if it is not loaded yet.
   * @throws ServiceError `upstream_error` when the file is no model, or not the one that its config describes;
   * `not_found` when the repository has no such model; `unavailable` when the thread ends meanwhile
   */
  load(model: string): Promise<void>;
  /**
   * Runs a model that is loaded. Inputs are copied once, or moved when they are given away. An aborted signal does not end
   * the promise: it lets the thread skip the call where it has not begun it.
   * @param call checked against the model's config
   * @throws ServiceError `unavailable` when the thread ends meanwhile; the signal's reason when the call was skipped
   */
  run(call: ThreadCall, signal: AbortSignal): Promise<NamedTensors>;
  /** Resolves when the thread is gone, by itself or by `close`, with what it died of. */
  readonly ended: Promise<unknown>;
  /**
   * Ends the thread after what it works on, and after the models that it was to load. What waits for it rejects with
   * `unavailable` at once.
   */
  close(): Promise<void>;
}

/** A call that was checked against the model's config. */
type ThreadCall = Pick<CallMessage, 'model' | 'inputs' | 'outputs'> & Pick<InferRequest, 'givesInputsAway'>;

/** An order that has not been answered. */
interface PendingOrder {
  /** @param outputs of a call */
  readonly resolve: (outputs: NamedTensors) => void;
  readonly reject: (error: ServiceError) => void;
  /** Of a call: what lets the thread skip it. */
  readonly call?: PendingCall;
}

interface PendingCall {
  readonly signal: AbortSignal;
  readonly abandoned: SharedArrayBuffer;
}

const NO_OUTPUTS: NamedTensors = new Map();

/**
 * Starts a thread and waits until it has read the repository.
 * @param options.entry the thread's built script
 * @throws ServiceError `unavailable` when this build lacks the runtime, or the repository cannot be read
 */
export async function startModelThread(options: { entry: URL; settings: WorkerSettings }): Promise<ModelThread> {
  const worker = new Worker(options.entry, { workerData: options.settings });
  const pending = new Map<number, PendingOrder>();
  let lastId = 0;

  const take = (id: number): PendingOrder | undefined => {
    const order = pending.get(id);
    pending.delete(id);
    return order;
  };

  const ended = new Promise<unknown>((resolve) => {
    let cause: unknown;
    worker.on('error', (error: unknown) => (cause = error));
    worker.on('exit', () => {
      for (const id of [...pending.keys()]) take(id)?.reject(died(cause));
      resolve(cause);
    });
  });

  const models = await new Promise<readonly FoundModel[]>((resolve, reject) => {
    worker.on('message', (message: WorkerMessage) => {
      switch (message.kind) {
        case 'started':
          resolve(message.models);
          break;
        case 'failed':
          reject(new ServiceError('unavailable', message.message));
          break;
        case 'loaded':
          take(message.id)?.resolve(NO_OUTPUTS);
          break;
        case 'answer':
          take(message.id)?.resolve(message.outputs);
          break;
        case 'error': {
          const { cause, upstream } = message;
          take(message.id)?.reject(new ServiceError(message.code, message.message, { cause, upstream }));
          break;
        }
        case 'skipped': {
          const order = take(message.id);
          if (order?.call !== undefined) order.reject(abortReason(order.call.signal));
        }
      }
    });
    void ended.then((cause) => reject(died(cause)));
  });

  return {
    models,
    ended,
    load: async (model) => {
      await new Promise<NamedTensors>((resolve, reject) => {
        const message: LoadMessage = { kind: 'load', id: ++lastId, model };
        pending.set(message.id, { resolve, reject });
        worker.postMessage(message);
      });
    },
    run: ({ model, inputs, outputs, givesInputsAway = false }, signal) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        const sent = new Map(
          [...inputs].map(([name, tensor]) => [name, givesInputsAway && isMovable(tensor) ? tensor : copyOf(tensor)]),
        );
        const abandoned = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
        const call: PendingCall = { signal, abandoned };
        signal.addEventListener('abort', () => abandon(call), { once: true });
        pending.set(id, { resolve, reject, call });
        const message: CallMessage = { kind: 'run', id, model, inputs: sent, outputs, abandoned };
        worker.postMessage(message, [...sent.values()].flatMap(bufferOf));
      }),
    close: async () => {
      for (const { call } of pending.values()) if (call !== undefined) abandon(call);
      for (const id of [...pending.keys()])
        take(id)?.reject(new ServiceError('unavailable', 'The predictor is closed'));
      // Worker.terminate() in the middle of a native call would abort the whole process.
      worker.postMessage(CLOSE);
      await ended;
    },
  };
}

/** Lets the thread skip a call that it has not begun. */
function abandon({ abandoned }: PendingCall): void {
  Atomics.store(new Int32Array(abandoned), 0, 1);
}

/** Whether it has memory of its own, all of which it fills. */
function isMovable({ data }: AnyTensor): boolean {
  return 'buffer' in data && data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength;
}

/** On memory of its own, which can be moved to the thread; the caller keeps the original. */
function copyOf(tensor: AnyTensor): AnyTensor {
  return { ...tensor, data: tensor.data.slice() } as AnyTensor;
}

function bufferOf({ data }: AnyTensor): ArrayBuffer[] {
  return 'buffer' in data ? [data.buffer as ArrayBuffer] : [];
}

function died(cause: unknown): ServiceError {
  return new ServiceError('unavailable', 'The predictor went away while it worked on the call', { cause });
}
