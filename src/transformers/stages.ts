import { abortReason } from '../concurrency/deadline.js';
import type { RequestContext } from './transformer.js';

/**
 * Does one stage of a call's work: in a span of its own, its time taken, also when it fails. None begins once the call is
 * over.
 * @throws the signal's reason when the call is over; what `work` throws
 */
export async function runStage<T>(
  context: RequestContext,
  name: string,
  work: (inStage: RequestContext) => Promise<T>,
): Promise<T> {
  const stage = beginStage(context, name);
  try {
    const result = await work(stage.context);
    stage.end();
    return result;
  } catch (error) {
    stage.end(error);
    throw error;
  }
}

/** As runStage, for a stage whose result comes in parts: it lasts until the last one, or until the reader leaves. */
export async function* streamStage<T>(
  context: RequestContext,
  name: string,
  open: (inStage: RequestContext) => AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  const stage = beginStage(context, name);
  let failure: unknown;
  try {
    yield* open(stage.context);
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    stage.end(failure);
  }
}

function beginStage(context: RequestContext, name: string) {
  if (context.signal.aborted) throw abortReason(context.signal);
  const startedAt = performance.now();
  const span = context.span.child(name);
  return {
    // Mostly nothing is traced, and one span stands for all.
    context: span === context.span ? context : { ...context, span, call: { ...context.call, span } },
    end: (error?: unknown) => {
      span.end(error);
      context.addTime(name, performance.now() - startedAt);
    },
  };
}
