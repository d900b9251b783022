import { ServiceError } from '../../errors.js';
import { itemBytes, itemText } from '../source.js';
import { type LocalPictureOptions, readLocalPicture } from './local-picture.js';
import { fetchRemotePicture, type RemotePictureOptions } from './remote-picture.js';

/** Where pictures may come from, besides the request itself. */
export interface PictureSourceOptions {
  /** Pictures by URL; not allowed when undefined. */
  readonly remote: RemotePictureOptions | undefined;
  /** Pictures by path; not allowed when undefined. */
  readonly local: LocalPictureOptions | undefined;
}

/** Brings the bytes of pictures, however a client names them. */
export interface PictureSources {
  /**
   * @param value a string, an object of one of V1's forms, or the bytes themselves
   * @throws ServiceError as itemBytes, and for pictures by URL and by path as the functions that fetch them;
   * `permission_denied` where those are not allowed
   */
  bytes(value: unknown, options: { readonly signal: AbortSignal }): Promise<Uint8Array>;
}

const URL_ITEM = /^\s*https?:\/\//i;
const PATH_ITEM = /^\s*path:/i;

/** Makes the sources that the configuration allows. */
export function createPictureSources({ remote, local }: PictureSourceOptions): PictureSources {
  return {
    bytes: async (value, { signal }) => {
      if (value instanceof Uint8Array) return itemBytes(value);
      const text = itemText(value);
      if (remote !== undefined && URL_ITEM.test(text))
        return nonEmpty(await fetchRemotePicture(text.trim(), remote, signal));
      if (local !== undefined && PATH_ITEM.test(text))
        return nonEmpty(await readLocalPicture(text.replace(PATH_ITEM, '').trim(), local));
      return itemBytes(text);
    },
  };
}

function nonEmpty(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) throw new ServiceError('unprocessable', 'the picture is empty: it has 0 bytes');
  return bytes;
}
