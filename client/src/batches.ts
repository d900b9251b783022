import { ClientError } from './client-error.js';
import { type NamedInput, readBytes } from './named-input.js';

/** As base64 inside JSON, a larger input would come near the longest string that V8 can hold (about 512 MiB). */
const MAX_INPUT_BYTES = 256 * 2 ** 20;

/** An input whose bytes are there. */
export interface LoadedInput<Input extends NamedInput = NamedInput> {
  readonly input: Input;
  readonly bytes: Uint8Array;
}

/** An input that could not be read. */
export interface UnreadableInput<Input extends NamedInput = NamedInput> {
  readonly input: Input;
  readonly error: ClientError;
}

/**
 * Reads inputs one after the other and groups them, in order. A group is full at `maxInputs`, or when the next input
 * would take it above `maxBytes`; a single input above that is a group of its own. An input that cannot be read ends the
 * group before it and comes alone, with its error.
 */
export async function* toBatches<Input extends NamedInput>(
  inputs: Iterable<Input> | AsyncIterable<Input>,
  limits: { maxInputs: number; maxBytes: number },
): AsyncGenerator<readonly LoadedInput<Input>[] | UnreadableInput<Input>> {
  let group: LoadedInput<Input>[] = [];
  let groupBytes = 0;
  for await (const input of inputs) {
    const next = await load(input);
    const isUnreadable = 'error' in next;
    const isFull = isUnreadable || group.length >= limits.maxInputs || groupBytes + next.bytes.length > limits.maxBytes;
    if (isFull && group.length > 0) {
      yield group;
      group = [];
      groupBytes = 0;
    }
    if (isUnreadable) {
      yield next;
    } else {
      group.push(next);
      groupBytes += next.bytes.length;
    }
  }
  if (group.length > 0) yield group;
}

async function load<Input extends NamedInput>(input: Input): Promise<LoadedInput<Input> | UnreadableInput<Input>> {
  try {
    const bytes = await readBytes(input);
    if (bytes.length <= MAX_INPUT_BYTES) return { input, bytes };
    const message = `expected at most ${MAX_INPUT_BYTES} bytes, received ${bytes.length}`;
    return { input, error: new ClientError(message, { code: 'unreadable' }) };
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    const error = new ClientError(`cannot be read: ${reason}`, { code: 'unreadable', cause: thrown });
    return { input, error };
  }
}
