import { parentPort, workerData } from 'node:worker_threads';
import { ServiceError, toServiceError } from '../../errors.js';
import type { NamedTensors } from '../predictor.js';
import {
  type CallMessage,
  CLOSE,
  type FoundModel,
  type LoadMessage,
  type OrderMessage,
  type WorkerMessage,
  type WorkerSettings,
} from './messages.js';
import type { LoadableModel, RepositoryModel } from './repository.js';
import type { Runtime } from './runtime-tensor.js';
import { loadSession, type ModelSession } from './session.js';

/*
 * The thread that holds the models: onnxruntime-node blocks its thread while a model runs, which would stop the
 * service's event loop. Calls run one after the other, each on the runtime's own threads.
 */
await serve(workerData as WorkerSettings).catch((thrown: unknown) => {
  post({ kind: 'failed', message: thrown instanceof Error ? thrown.message : String(thrown) });
});

async function serve({ repository, threads }: WorkerSettings): Promise<void> {
  const { runtime, readRepository } = await importRuntime();
  const files = new Map<string, LoadableModel>();
  const sessions = new Map<string, ModelSession>();
  const models = readRepository(repository).map((model): FoundModel => {
    if ('problem' in model) return model;
    const { spec, version } = model;
    files.set(spec.name, model);
    return { name: spec.name, spec, version };
  });
  let previous = Promise.resolve();
  parentPort?.on('message', (order: OrderMessage) => {
    previous = previous.then(() => {
      if (order === CLOSE) return close(sessions);
      return reporting(order.id, () => (order.kind === 'load' ? load(order) : run(sessions, order)));
    });
  });
  post({ kind: 'started', models });

  async function load({ id, model }: LoadMessage): Promise<void> {
    const found = files.get(model);
    if (found === undefined) throw new ServiceError('not_found', `model ${model} is not in the repository`);
    if (!sessions.has(model)) sessions.set(model, await loadSession(runtime, { ...found, threads }));
    post({ kind: 'loaded', id });
  }
}

/** Loads what a build may lack: the runtime, and the reader of config.pbtxt. */
async function importRuntime(): Promise<{
  runtime: Runtime;
  readRepository: (folder: string) => readonly RepositoryModel[];
}> {
  try {
    const [runtime, { readRepository }] = await Promise.all([import('onnxruntime-node'), import('./repository.js')]);
    return { runtime, readRepository };
  } catch (cause) {
    const [reason] = String(cause).split('\n');
    const message = `This build has no embedded runtime (npm packages onnxruntime-node and protobufjs): ${reason ?? ''}`;
    throw new ServiceError('unavailable', message, { cause });
  }
}

async function run(sessions: ReadonlyMap<string, ModelSession>, call: CallMessage): Promise<void> {
  const { id, model, inputs, outputs, abandoned } = call;
  if (Atomics.load(new Int32Array(abandoned), 0) !== 0) {
    post({ kind: 'skipped', id });
    return;
  }
  const session = sessions.get(model);
  if (session === undefined) throw new ServiceError('unavailable', `model ${model} is not loaded`);
  const results = await session.run(inputs, outputs);
  post({ kind: 'answer', id, outputs: results }, buffersOf(results));
}

/** Answers an order with its error where it fails. */
async function reporting(id: number, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    const { code, message, upstream, cause } = toServiceError(thrown);
    post({ kind: 'error', id, code, message, upstream, cause: causeText(cause) });
  }
}

/** Lets go of everything, upon which the thread ends by itself. */
async function close(sessions: ReadonlyMap<string, ModelSession>): Promise<void> {
  for (const session of sessions.values()) await session.release();
  parentPort?.close();
}

/** Errors may hold what cannot be sent to another thread. */
function causeText(cause: unknown): string | undefined {
  return cause instanceof Error ? cause.message : undefined;
}

/** Sends a message; the memory of `moved` goes along without a copy. */
function post(message: WorkerMessage, moved: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, moved);
}

function buffersOf(tensors: NamedTensors): ArrayBuffer[] {
  const buffers = [...tensors.values()].flatMap(({ data }) => ('buffer' in data ? [data.buffer as ArrayBuffer] : []));
  return [...new Set(buffers)];
}
