import type { Response } from 'common-data-type';
import { type LoadedPicture, toBatches } from './batches.js';
import { ClientError } from './client-error.js';
import type { NamedPicture } from './picture.js';

/** One call to the service. All pictures of a batch have the same. */
export interface Call {
  /** Counts from 0, in the order in which the calls started. */
  readonly id: number;
  /** From the start of sending to the end of the answer. */
  readonly ms: number;
  /** How many pictures it carried. */
  readonly pictures: number;
}

/** What became of one picture: its scores, or why there are none. `call` is absent when it was never sent. */
export type PictureResult =
  | { readonly picture: NamedPicture; readonly call: Call; readonly response: Response; readonly error?: never }
  | { readonly picture: NamedPicture; readonly call?: Call; readonly error: ClientError; readonly response?: never };

/** Sends pictures as one call and returns the Responses in order. @throws ClientError when the call fails as a whole */
export type SendPictures = (pictures: readonly Uint8Array[], signal: AbortSignal) => Promise<readonly Response[]>;

/**
 * Base64 makes four bytes of three, so this stays below the service's default body limit of 64 MiB.
 */
const MAX_BATCH_BYTES = 32 * 2 ** 20;

/** Statuses that one picture can earn for its whole batch: bad request, too large, not an image. */
const CAUSED_BY_PICTURES: ReadonlySet<number | undefined> = new Set([400, 413, 422]);

/**
 * Scores pictures in batches and yields one result per picture, in order; a failed call is the result of its pictures,
 * never an exception. A batch that is refused because of its pictures is sent again one by one, so that each gets its
 * own answer. At most `concurrency` batches are in memory and on their way. Who stops iterating cancels the rest.
 */
export async function* scoreMany(
  pictures: Iterable<NamedPicture> | AsyncIterable<NamedPicture>,
  options: { batch: number; concurrency: number; send: SendPictures },
): AsyncGenerator<PictureResult> {
  const controller = new AbortController();
  const inFlight: Promise<readonly PictureResult[]>[] = [];
  let calls = 0;

  const sendBatch = async (batch: readonly LoadedPicture[]): Promise<readonly PictureResult[]> => {
    const id = calls++;
    const startedAt = performance.now();
    const toCall = (): Call => ({ id, ms: performance.now() - startedAt, pictures: batch.length });
    try {
      const bytes = batch.map((loaded) => loaded.bytes);
      const responses = await options.send(bytes, controller.signal);
      const call = toCall();
      return batch.map(({ picture }, index) => ({ picture, call, ...outcomeOf(responses[index]) }));
    } catch (thrown) {
      if (!(thrown instanceof ClientError)) throw thrown;
      if (batch.length > 1 && CAUSED_BY_PICTURES.has(thrown.status)) return await sendSingly(batch);
      const call = toCall();
      return batch.map(({ picture }) => ({ picture, call, error: thrown }));
    }
  };

  const sendSingly = async (batch: readonly LoadedPicture[]) => {
    const results: PictureResult[] = [];
    for (const loaded of batch) results.push(...(await sendBatch([loaded])));
    return results;
  };

  try {
    for await (const batch of toBatches(pictures, { maxPictures: options.batch, maxBytes: MAX_BATCH_BYTES })) {
      inFlight.push('error' in batch ? Promise.resolve([batch]) : sendBatch(batch));
      if (inFlight.length >= options.concurrency) yield* (await inFlight.shift()) ?? [];
    }
    for (const results of inFlight) yield* await results;
  } finally {
    controller.abort();
  }
}

/** An item's error, which a Response carries instead of scores, becomes the error that it is. */
export function outcomeOf(response: Response | undefined): { response: Response } | { error: ClientError } {
  const itemError = response?.extra_info?.error;
  if (itemError !== undefined) return { error: new ClientError(itemError.message, { code: itemError.code }) };
  if (response === undefined || response.data.length === 0) {
    return { error: new ClientError('the service answered without a score', { code: 'bad_answer' }) };
  }
  return { response };
}
