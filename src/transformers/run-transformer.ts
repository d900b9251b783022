import { abortReason, startDeadline, untilAborted } from '../concurrency/deadline.js';
import type { Limiter } from '../concurrency/limiter.js';
import type { SharedArena } from '../concurrency/shared-arena.js';
import { atPath, ServiceError, toServiceError } from '../errors.js';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import type { AnyTransformer, Item, Opened, RequestContext } from './transformer.js';

/** One item's outcome: its result, or why there is none. */
export type ItemResult = { readonly result: unknown } | { readonly error: ServiceError };

/** What a transport hands over. */
export interface RunRequest {
  /** In the client's order. An item whose form the transport could not read stands here as its error already. */
  readonly items: readonly (Item | ServiceError)[];
  readonly requestId: string;
  /** For the predictor: request id, trace context, authorization. */
  readonly headers: Readonly<Record<string, string>>;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
  /** Filled with what each stage and each model took, in milliseconds, also when the run fails. */
  readonly times: Map<string, number>;
}

/** The bounds of all runs of the process. */
export interface RunLimits {
  /** Requests worked on at once, and those that wait. */
  readonly admission: Limiter;
  /** Pictures being decoded at once. */
  readonly decoding: Limiter;
  /** Memory of decoded pictures, 3 bytes a pixel; who finds no room waits. */
  readonly pixels: SharedArena;
  readonly maxItems: number;
  readonly requestTimeoutMs: number;
}

/** One served model: its name, its stages, its bounds. */
export interface RunOptions {
  readonly modelName: string;
  readonly transformer: AnyTransformer;
  readonly limits: RunLimits;
  /** `keep`: a bad item's error stands in its place; `fail`: it fails the request. */
  readonly itemErrors: 'keep' | 'fail';
  readonly metrics: Pick<Metrics, 'observeStage'>;
  readonly logger: Pick<Logger, 'error'>;
}

/**
 * Takes a request through a transformer's stages and gives one result per item, in the request's order.
 * @throws ServiceError for what concerns the whole request. An item's own error is in its result, unless every item is
 * bad or `itemErrors` is `fail`: then the first item's error is thrown.
 */
export type RunTransformer = (request: RunRequest) => Promise<readonly ItemResult[]>;

/** An opened item and its place in the request. */
interface OpenedItem {
  readonly index: number;
  readonly item: Item;
  readonly source: Opened;
  /** How much memory its decoded form takes. */
  readonly decodedBytes: number;
}

/** What a group of items is worked on with. */
interface GroupRun {
  readonly group: readonly OpenedItem[];
  readonly context: RequestContext;
  /** As large as the group's decoded items. */
  readonly memory: Uint8Array;
  readonly results: Map<number, ItemResult>;
}

/** What a decoded pixel takes in the memory of pictures: RGB, 8 bits each. */
export const BYTES_PER_PIXEL = 3;

/** So many groups of pictures have room at once, so that no request keeps the others from theirs while a model runs. */
const GROUPS_IN_MEMORY = 4;

/** Makes the only caller of a transformer's stages: admission, time limit, memory bound, timings, errors per item. */
export function createTransformerRunner(options: RunOptions): RunTransformer {
  const { modelName, transformer, limits, itemErrors, metrics, logger } = options;

  return async ({ items, requestId, headers, signal: parent, times }) => {
    if (items.length > limits.maxItems) throw tooManyItems(items.length, limits.maxItems);
    const deadline = startDeadline({ timeoutMs: limits.requestTimeoutMs, what: 'The request', parent });
    const { signal } = deadline;
    const addTime = (name: string, ms: number) => void times.set(name, (times.get(name) ?? 0) + ms);
    const arrivedAt = performance.now();
    const admitted = limits.admission.run(
      () => {
        addTime('queue', performance.now() - arrivedAt);
        return runItems(items, { requestId, signal, headers, addTime });
      },
      { signal },
    );
    try {
      return await untilAborted(admitted, signal);
    } finally {
      deadline.close();
      observeStages(metrics, modelName, times);
    }
  };

  async function runItems(items: readonly (Item | ServiceError)[], context: RequestContext) {
    const results = new Map<number, ItemResult>();
    const opened = items.flatMap((item, index) => openItem(item, { index, requestId: context.requestId, results }));
    throwIfFatal(results, items.length);
    for (const group of groupByBytes(opened, limits.pixels.byteLength / GROUPS_IN_MEMORY)) {
      const bytes = group.reduce((sum, item) => sum + item.decodedBytes, 0);
      await limits.pixels.lend(bytes, (memory) => runGroup({ group, context, memory, results }), context);
      throwIfFatal(results, items.length);
    }
    return items.map((_, index) => results.get(index) ?? { error: toServiceError(new Error('an item has no result')) });
  }

  function openItem(
    item: Item | ServiceError,
    { index, requestId, results }: { index: number; requestId: string; results: Map<number, ItemResult> },
  ): OpenedItem[] {
    if (item instanceof ServiceError) {
      results.set(index, { error: item });
      return [];
    }
    try {
      const source = transformer.open(item) as Opened;
      return [{ index, item, source, decodedBytes: source.pixels * BYTES_PER_PIXEL }];
    } catch (error) {
      results.set(index, itemFailure(item, requestId, error));
      return [];
    }
  }

  /** Takes the items of one group through the stages and puts their results in place. */
  async function runGroup({ group, context, memory, results }: GroupRun): Promise<void> {
    const stage = async <T>(name: string, body: () => Promise<T>): Promise<T> => {
      if (context.signal.aborted) throw abortReason(context.signal);
      const startedAt = performance.now();
      try {
        return await body();
      } finally {
        context.addTime(name, performance.now() - startedAt);
      }
    };
    const decoded = await stage('decode', () => decodeGroup({ group, context, memory, results }));
    if (decoded.size === 0) return;
    const prepared: unknown = await stage('preprocess', () => transformer.preprocess([...decoded.values()], context));
    const predicted: unknown = await stage('predict', () => transformer.predict(prepared, context));
    const finished = await stage('postprocess', () => transformer.postprocess(predicted, context));
    for (const [position, index] of [...decoded.keys()].entries()) results.set(index, { result: finished[position] });
  }

  /**
   * The decoded items by their place, in order; those that cannot be decoded have their error in `results`.
   * Ends only when every item has ended, also when the request is over: then nobody writes to the memory any more.
   */
  async function decodeGroup({ group, context, memory, results }: GroupRun): Promise<Map<number, unknown>> {
    const { signal } = context;
    const decoded = new Map<number, unknown>();
    let used = 0;
    const decodeInto = async ({ index, item, source }: OpenedItem, block: Uint8Array) => {
      try {
        const decode = () => transformer.decode(source, context, block);
        decoded.set(index, await limits.decoding.run(decode, { signal }));
      } catch (error) {
        results.set(index, itemFailure(item, context.requestId, error));
      }
    };
    await Promise.all(group.map((item) => decodeInto(item, memory.subarray(used, (used += item.decodedBytes)))));
    if (signal.aborted) throw abortReason(signal);
    return new Map([...decoded].sort(([a], [b]) => a - b));
  }

  function itemFailure(item: Item, requestId: string, thrown: unknown): ItemResult {
    const error = toServiceError(thrown);
    if (error.code === 'internal') logger.error({ err: error.cause, requestId, path: item.path }, 'an item failed');
    return { error: atPath(item.path, error) };
  }

  function throwIfFatal(results: ReadonlyMap<number, ItemResult>, itemCount: number): void {
    const failures = [...results]
      .flatMap(([index, result]) => ('error' in result ? [{ index, error: result.error }] : []))
      .sort((a, b) => a.index - b.index);
    const first = failures[0];
    if (first !== undefined && (itemErrors === 'fail' || failures.length === itemCount)) throw first.error;
  }
}

/** The error of a request that holds more items than one may. */
export function tooManyItems(count: number, maxItems: number): ServiceError {
  return new ServiceError(
    'payload_too_large',
    `The request holds ${count} items, more than the limit of ${maxItems} (--max_items); send them in several requests`,
  );
}

/** Neighbours together, as many as fit into a group's share of the memory; a larger one goes alone. */
function groupByBytes(items: readonly OpenedItem[], maxBytes: number): OpenedItem[][] {
  const groups: OpenedItem[][] = [];
  let held = Infinity;
  for (const item of items) {
    held += item.decodedBytes;
    const group = groups.at(-1);
    if (group !== undefined && held <= maxBytes) {
      group.push(item);
    } else {
      groups.push([item]);
      held = item.decodedBytes;
    }
  }
  return groups;
}

/** KServe's SDK has no decode stage of its own: there it is part of preprocess, and so it is in the metrics. */
function observeStages(metrics: Pick<Metrics, 'observeStage'>, modelName: string, times: ReadonlyMap<string, number>) {
  const { decode, preprocess = 0, ...others } = Object.fromEntries(times);
  if (decode !== undefined) metrics.observeStage(modelName, 'preprocess', (decode + preprocess) / 1000);
  for (const stage of ['predict', 'postprocess'] as const) {
    const ms = others[stage];
    if (ms !== undefined) metrics.observeStage(modelName, stage, ms / 1000);
  }
}
