import { ServiceError } from '../../errors.js';
import { itemBytes, itemText } from '../source.js';
import { type LocalPictureOptions, readLocalPicture } from './local-picture.js';
import { fetchRemotePicture, type RemotePictureOptions } from './remote-picture.js';

/** Where pictures may come from, besides the request itself. */
export interface PictureSourceOptions {
  /** Pictures by URL; not allowed when undefined. */
  readonly remote: Omit<RemotePictureOptions, 'maxBytes'> | undefined;
  /** Pictures by path; not allowed when undefined. */
  readonly local: Omit<LocalPictureOptions, 'maxBytes'> | undefined;
  /** The most that one request may have fetched. */
  readonly maxBytes: number;
}

/** Brings the bytes of pictures, however a client names them. */
export interface PictureSources {
  /**
   * All that is fetched under one signal, that of a request, has together no more bytes than a request's body may have.
   * @param value a string, an object of one of V1's forms, or the bytes themselves
   * @throws ServiceError as itemBytes, and for pictures by URL and by path as the functions that fetch them;
   * `permission_denied` where those are not allowed
   */
  bytes(value: unknown, options: { readonly signal: AbortSignal }): Promise<Uint8Array>;
}

const URL_ITEM = /^\s*https?:\/\//i;
const PATH_ITEM = /^\s*path:/i;

/** Makes the sources that the configuration allows. */
export function createPictureSources({ remote, local, maxBytes }: PictureSourceOptions): PictureSources {
  /** What each request may still have fetched. A request's pictures come one after the other: see `bytes`. */
  const left = new WeakMap<AbortSignal, number>();
  const within = async (signal: AbortSignal, fetch: (maxBytes: number) => Promise<Uint8Array>) => {
    const budget = left.get(signal) ?? maxBytes;
    const bytes = nonEmpty(await fetch(budget));
    left.set(signal, budget - bytes.length);
    return bytes;
  };
  return {
    bytes: async (value, { signal }) => {
      if (value instanceof Uint8Array) return itemBytes(value);
      const text = itemText(value).toString();
      if (remote !== undefined && URL_ITEM.test(text))
        return within(signal, (budget) => fetchRemotePicture(text.trim(), { ...remote, maxBytes: budget }, signal));
      if (local !== undefined && PATH_ITEM.test(text))
        return within(signal, (budget) => {
          return readLocalPicture(text.replace(PATH_ITEM, '').trim(), { ...local, maxBytes: budget });
        });
      return itemBytes(text);
    },
  };
}

function nonEmpty(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) throw new ServiceError('unprocessable', 'the picture is empty: it has 0 bytes');
  return bytes;
}
