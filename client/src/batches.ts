import { ClientError } from './client-error.js';
import { type NamedPicture, readPicture } from './picture.js';

/** As base64 inside JSON, a larger picture would come near the longest string that V8 can hold (about 512 MiB). */
const MAX_PICTURE_BYTES = 256 * 2 ** 20;

/** A picture whose bytes are there. */
export interface LoadedPicture {
  readonly picture: NamedPicture;
  readonly bytes: Uint8Array;
}

/** A picture that could not be read. */
export interface UnreadablePicture {
  readonly picture: NamedPicture;
  readonly error: ClientError;
}

/**
 * Reads pictures one after the other and groups them, in order. A group is full at `maxPictures`, or when the next
 * picture would take it above `maxBytes`; a single picture above that is a group of its own. A picture that cannot be
 * read ends the group before it and comes alone, with its error.
 */
export async function* toBatches(
  pictures: Iterable<NamedPicture> | AsyncIterable<NamedPicture>,
  limits: { maxPictures: number; maxBytes: number },
): AsyncGenerator<readonly LoadedPicture[] | UnreadablePicture> {
  let group: LoadedPicture[] = [];
  let groupBytes = 0;
  for await (const picture of pictures) {
    const next = await load(picture);
    const isUnreadable = 'error' in next;
    const isFull =
      isUnreadable || group.length >= limits.maxPictures || groupBytes + next.bytes.length > limits.maxBytes;
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

async function load(picture: NamedPicture): Promise<LoadedPicture | UnreadablePicture> {
  try {
    const bytes = await readPicture(picture);
    if (bytes.length <= MAX_PICTURE_BYTES) return { picture, bytes };
    const message = `expected a picture of at most ${MAX_PICTURE_BYTES} bytes, received ${bytes.length}`;
    return { picture, error: new ClientError(message, { code: 'unreadable' }) };
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    const error = new ClientError(`cannot be read: ${reason}`, { code: 'unreadable', cause: thrown });
    return { picture, error };
  }
}
