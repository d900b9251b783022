import { Worker } from 'node:worker_threads';
import { abortReason } from '../../concurrency/deadline.js';
import { ServiceError } from '../../errors.js';
import type { AnyTensor } from '../../tensor.js';
import type { InferRequest, NamedTensors } from '../predictor.js';
import { type CallMessage, CLOSE, type LoadedModel, type WorkerMessage, type WorkerSettings } from './messages.js';

/** A worker thread that holds the loaded models of a repository. */
export interface ModelThread {
  readonly models: readonly LoadedModel[];
  /**
   * Runs a model. Inputs are copied once, or moved when they are given away. An aborted signal does not end the promise: it lets the thread skip the call
   * where it has not begun it.
   * @param call checked against the model's config
   * @throws ServiceError `unavailable` when the thread ends meanwhile; the signal's reason when the call was skipped
   */
  run(call: ThreadCall, signal: AbortSignal): Promise<NamedTensors>;
  /** Resolves when the thread is gone, by itself or by `close`, with what it died of. */
  readonly ended: Promise<unknown>;
  /** Ends the thread after the call that it works on; its calls reject with `unavailable` at once. */
  close(): Promise<void>;
}

/** A call that was checked against the model's config. */
type ThreadCall = Pick<CallMessage, 'model' | 'inputs' | 'outputs'> & Pick<InferRequest, 'givesInputsAway'>;

interface PendingCall {
  readonly resolve: (outputs: NamedTensors) => void;
  readonly reject: (error: ServiceError) => void;
  readonly signal: AbortSignal;
  readonly abandoned: SharedArrayBuffer;
}

/**
 * Starts a thread and waits until it has loaded the repository.
 * @param options.entry the thread's built script
 * @throws ServiceError `unavailable` when this build lacks the runtime, or the repository cannot be read
 */
export async function startModelThread(options: { entry: URL; settings: WorkerSettings }): Promise<ModelThread> {
  const worker = new Worker(options.entry, { workerData: options.settings });
  const pending = new Map<number, PendingCall>();
  let lastId = 0;

  const take = (id: number): PendingCall | undefined => {
    const call = pending.get(id);
    pending.delete(id);
    return call;
  };

  const ended = new Promise<unknown>((resolve) => {
    let cause: unknown;
    worker.on('error', (error: unknown) => (cause = error));
    worker.on('exit', () => {
      for (const id of [...pending.keys()]) take(id)?.reject(died(cause));
      resolve(cause);
    });
  });

  const models = await new Promise<readonly LoadedModel[]>((resolve, reject) => {
    worker.on('message', (message: WorkerMessage) => {
      switch (message.kind) {
        case 'loaded':
          resolve(message.models);
          break;
        case 'failed':
          reject(new ServiceError('unavailable', message.message));
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
          const call = take(message.id);
          call?.reject(abortReason(call.signal));
        }
      }
    });
    void ended.then((cause) => reject(died(cause)));
  });

  return {
    models,
    ended,
    run: ({ model, inputs, outputs, givesInputsAway = false }, signal) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        const sent = new Map(
          [...inputs].map(([name, tensor]) => [name, givesInputsAway && isMovable(tensor) ? tensor : copyOf(tensor)]),
        );
        const abandoned = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
        const call: PendingCall = { resolve, reject, signal, abandoned };
        signal.addEventListener('abort', () => abandon(call), { once: true });
        pending.set(id, call);
        const message: CallMessage = { id, model, inputs: sent, outputs, abandoned };
        worker.postMessage(message, [...sent.values()].flatMap(bufferOf));
      }),
    close: async () => {
      for (const call of pending.values()) abandon(call);
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
