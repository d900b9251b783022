import { abortReason, eitherSignal } from '../concurrency/deadline.js';
import type { Limiter } from '../concurrency/limiter.js';
import type { SharedArena } from '../concurrency/shared-arena.js';
import { atPath, internalError, ServiceError, toServiceError } from '../errors.js';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import { overlap, type Step } from './overlap.js';
import { groupSources, type OpenedItem, type SharedSource, shareSources } from './picture-groups.js';
import { type CallLimits, type CallMetrics, runCall, type ServedCall } from './served-call.js';
import { runStage } from './stages.js';
import type { AnyTransformer, Item, Opened, RequestContext } from './transformer.js';

/** One item's outcome: its result, or why there is none. */
export type ItemResult = { readonly result: unknown } | { readonly error: ServiceError };

/** What is done with items: predictions are made, or explained. */
export type Verb = 'predict' | 'explain';

/** What a transport hands over. */
export interface RunRequest extends ServedCall {
  /** In the client's order. An item whose form the transport could not read stands here as its error already. */
  readonly items: readonly (Item | ServiceError)[];
  /** `predict` when absent. */
  readonly verb?: Verb;
}

/** The bounds of all runs of the process. */
export interface RunLimits extends CallLimits {
  /** Pictures being decoded at once. */
  readonly decoding: Limiter;
  /** Memory of decoded pictures, 3 bytes a pixel; who finds no room waits. */
  readonly pixels: SharedArena;
  readonly maxItems: number;
}

/** One served model: its name, its stages, its bounds. */
export interface RunOptions {
  readonly modelName: string;
  readonly transformer: AnyTransformer;
  readonly limits: RunLimits;
  /** `keep`: a bad item's error stands in its place; `fail`: it fails the request. */
  readonly itemErrors: 'keep' | 'fail';
  readonly metrics: CallMetrics & Pick<Metrics, 'countItems'>;
  readonly logger: Pick<Logger, 'error'>;
}

/**
 * Takes a request through a transformer's stages and gives one result per item, in the request's order.
 * @throws ServiceError for what concerns the whole request. An item's own error is in its result, unless every item is
 * bad or `itemErrors` is `fail`: then the first item's error is thrown.
 */
export type RunTransformer = (request: RunRequest) => Promise<readonly ItemResult[]>;

/** What a group of items is worked on with. */
interface GroupRun {
  readonly group: readonly SharedSource[];
  readonly context: RequestContext;
  readonly verb: Verb;
  /** Resolves when the stages behind decoding have ended for all groups before this one. */
  readonly turn: () => Promise<void>;
  /** As large as the group's decoded items. */
  readonly memory: Uint8Array;
  readonly results: Map<number, ItemResult>;
  /** Throws when the errors of items are the whole request's. */
  readonly throwIfOver: () => void;
}

/** The outcome of an item that has a result. */
const OK = 'ok';

/**
 * So many groups of pictures have room at once, so that no request, which has at most two groups at once, keeps the
 * others from theirs while a model runs.
 */
const GROUPS_IN_MEMORY = 4;

/** Makes the only caller of a transformer's stages: admission, time limit, memory bound, timings, errors per item. */
export function createTransformerRunner(options: RunOptions): RunTransformer {
  const { modelName, transformer, limits, itemErrors, metrics, logger } = options;

  return async (request) => {
    const { items, verb = 'predict' } = request;
    if (items.length > limits.maxItems) throw tooManyItems(items.length, limits.maxItems);
    if (verb === 'explain' && transformer.explain === undefined) throw noExplanations();
    return runCall(request, { modelName, limits, metrics }, (context) =>
      runItems(items, { context, verb, onItems: request.onItems }),
    );
  };

  async function runItems(
    items: readonly (Item | ServiceError)[],
    { context, verb, onItems }: { context: RequestContext; verb: Verb; onItems: ServedCall['onItems'] },
  ) {
    const results = new Map<number, ItemResult>();
    try {
      const opened = await openItems(items, { context, results });
      throwIfFatal(results, items.length);
      const groups = groupSources(shareSources(opened), {
        bytes: limits.pixels.byteLength / GROUPS_IN_MEMORY,
        items: transformer.itemsPerGroup ?? Infinity,
      });
      const throwIfOver = () => throwIfFatal(results, items.length);
      await overlap(groups.map((group) => groupStep({ group, context, verb, results, throwIfOver })));
    } finally {
      const outcomes = outcomesOf(results.values());
      metrics.countItems(modelName, outcomes);
      onItems?.({ count: items.length, failed: items.length - (outcomes.get(OK) ?? 0) });
    }
    return items.map((_, index) => results.get(index) ?? { error: internalError(new Error('an item has no result')) });
  }

  /** One after the other: most are there already, and of those that are fetched none is to crowd out the others. */
  async function openItems(
    items: readonly (Item | ServiceError)[],
    { context, results }: { context: RequestContext; results: Map<number, ItemResult> },
  ): Promise<OpenedItem[]> {
    const opened: OpenedItem[] = [];
    for (const [index, item] of items.entries()) {
      if (item instanceof ServiceError) {
        results.set(index, { error: item });
        continue;
      }
      try {
        const source = (await transformer.open(item, context)) as Opened;
        opened.push({ index, item, source });
      } catch (error) {
        if (context.signal.aborted) throw abortReason(context.signal);
        results.set(index, itemFailure(item, context.requestId, error));
      }
    }
    return opened;
  }

  /** Decoding runs beside the models of the group before; a group has its memory from its decoding to its end. */
  function groupStep({ group, context, ...rest }: Omit<GroupRun, 'turn' | 'memory'>): Step {
    const bytes = group.reduce((sum, { decodedBytes }) => sum + decodedBytes, 0);
    return (turn, failed) => {
      const ofGroup = failed === undefined ? context : withSignal(context, failed);
      return limits.pixels.lend(
        bytes,
        (memory) => runGroup({ ...rest, group, context: ofGroup, turn, memory }),
        ofGroup,
      );
    };
  }

  /** Takes the items of one group through the stages and puts their results in place. */
  async function runGroup({ group, context, verb, turn, memory, results, throwIfOver }: GroupRun): Promise<void> {
    const stage = <T>(name: string, body: (inStage: RequestContext) => Promise<T>) => runStage(context, name, body);
    const predict = async (prepared: unknown): Promise<readonly unknown[]> => {
      const predicted: unknown = await stage('predict', (inStage) => transformer.predict(prepared, inStage));
      return stage('postprocess', (inStage) => transformer.postprocess(predicted, inStage));
    };
    const explain = (prepared: unknown): Promise<readonly unknown[]> =>
      stage('explain', (inStage) => transformer.explain?.(prepared, inStage) ?? Promise.reject(noExplanations()));

    const decoded = await stage('decode', (inStage) => decodeGroup({ group, context: inStage, memory, results }));
    throwIfOver();
    await turn();
    if (decoded.size === 0) return;
    const prepared: unknown = await stage('preprocess', (inStage) =>
      transformer.preprocess([...decoded.values()], inStage),
    );
    const finished = await (verb === 'explain' ? explain(prepared) : predict(prepared));
    for (const [position, index] of [...decoded.keys()].entries()) results.set(index, { result: finished[position] });
  }

  /**
   * The decoded items by their place, in order, those of equal bytes as one; those that cannot be decoded have their
   * error in `results`.
   * Ends only when every item has ended, also when the request is over: then nobody writes to the memory any more.
   */
  async function decodeGroup({
    group,
    context,
    memory,
    results,
  }: Pick<GroupRun, 'group' | 'context' | 'memory' | 'results'>): Promise<Map<number, unknown>> {
    const { signal } = context;
    const decoded = new Map<number, unknown>();
    let used = 0;
    const decodeInto = async ({ places, source }: SharedSource, block: Uint8Array) => {
      try {
        const picture: unknown = await limits.decoding.run(() => transformer.decode(source, context, block), {
          signal,
        });
        for (const { index } of places) decoded.set(index, picture);
      } catch (error) {
        for (const { index, item } of places) results.set(index, itemFailure(item, context.requestId, error));
      }
    };
    await Promise.all(group.map((shared) => decodeInto(shared, memory.subarray(used, (used += shared.decodedBytes)))));
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

/** How many items had which outcome: `ok`, or an error's code. */
function outcomesOf(results: Iterable<ItemResult>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const result of results) {
    const outcome = 'error' in result ? result.error.code : OK;
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  return counts;
}

function noExplanations(): ServiceError {
  return new ServiceError('unimplemented', 'This model has no :explain');
}

/** The same call, over as soon as either signal says so. */
function withSignal(context: RequestContext, other: AbortSignal): RequestContext {
  const signal = eitherSignal(context.signal, other);
  return { ...context, signal, call: { ...context.call, signal } };
}
