import { type LoadedInput, toBatches } from './batches.js';
import { ClientError } from './client-error.js';
import type { NamedInput } from './named-input.js';

/** One call to the service. All inputs of a batch have the same. */
export interface Call {
  /** Counts from 0, in the order in which the calls started. */
  readonly id: number;
  /** From the start of sending to the end of the answer. */
  readonly ms: number;
  /** How many inputs it carried. */
  readonly inputs: number;
}

/** What a service said of one input: an answer, or why there is none. */
export type Outcome<Answer> =
  { readonly answer: Answer; readonly error?: never } | { readonly error: ClientError; readonly answer?: never };

/** What became of one input. `call` is absent when it was never sent. */
export type InputResult<Answer, Input extends NamedInput = NamedInput> =
  | { readonly input: Input; readonly call: Call; readonly answer: Answer; readonly error?: never }
  | { readonly input: Input; readonly call?: Call; readonly error: ClientError; readonly answer?: never };

/** Sends inputs as one call; one outcome for each, in order. @throws ClientError when the call fails as a whole */
export type SendBatch<Answer, Input extends NamedInput = NamedInput> = (
  batch: readonly LoadedInput<Input>[],
  signal: AbortSignal,
) => Promise<readonly Outcome<Answer>[]>;

/**
 * Base64 makes four bytes of three, so this stays below the service's default body limit of 64 MiB.
 */
const MAX_BATCH_BYTES = 32 * 2 ** 20;

/** Statuses that one input can earn for its whole batch: bad request, too large, not an image. */
const CAUSED_BY_INPUTS: ReadonlySet<number | undefined> = new Set([400, 413, 422]);

/**
 * Sends inputs in batches and yields one result per input, in order; a failed call is the result of its inputs, never an
 * exception. A batch that is refused because of its inputs is sent again one by one, so that each gets its own answer.
 * At most `concurrency` batches are in memory and on their way. Who stops iterating cancels the rest.
 */
export async function* sendMany<Answer, Input extends NamedInput>(
  inputs: Iterable<Input> | AsyncIterable<Input>,
  options: { batch: number; concurrency: number; send: SendBatch<Answer, Input> },
): AsyncGenerator<InputResult<Answer, Input>> {
  const controller = new AbortController();
  const inFlight: Promise<readonly InputResult<Answer, Input>[]>[] = [];
  let calls = 0;

  const sendBatch = async (batch: readonly LoadedInput<Input>[]): Promise<readonly InputResult<Answer, Input>[]> => {
    const id = calls++;
    const startedAt = performance.now();
    const toCall = (): Call => ({ id, ms: performance.now() - startedAt, inputs: batch.length });
    try {
      const outcomes = await options.send(batch, controller.signal);
      const call = toCall();
      return batch.map(({ input }, index) => ({ input, call, ...(outcomes[index] ?? noOutcome()) }));
    } catch (thrown) {
      if (!(thrown instanceof ClientError)) throw thrown;
      if (batch.length > 1 && CAUSED_BY_INPUTS.has(thrown.status)) return await sendSingly(batch);
      const call = toCall();
      return batch.map(({ input }) => ({ input, call, error: thrown }));
    }
  };

  const sendSingly = async (batch: readonly LoadedInput<Input>[]) => {
    const results: InputResult<Answer, Input>[] = [];
    for (const loaded of batch) results.push(...(await sendBatch([loaded])));
    return results;
  };

  try {
    for await (const batch of toBatches(inputs, { maxInputs: options.batch, maxBytes: MAX_BATCH_BYTES })) {
      inFlight.push('error' in batch ? Promise.resolve([batch]) : sendBatch(batch));
      if (inFlight.length >= options.concurrency) yield* (await inFlight.shift()) ?? [];
    }
    for (const results of inFlight) yield* await results;
  } finally {
    controller.abort();
  }
}

/** Senders count their outcomes, so that this stands for a mistake of ours. */
function noOutcome(): { error: ClientError } {
  return { error: new ClientError('the service answered without a result', { code: 'bad_answer' }) };
}
