import { open, realpath } from 'node:fs/promises';
import path from 'node:path';
import { ServiceError } from '../../errors.js';

/** Where pictures may be read from, and how large they may be. */
export interface LocalPictureOptions {
  /** The folder; links inside that lead out of it are not followed. */
  readonly folder: string;
  readonly maxBytes: number;
}

/**
 * Reads a picture from the folder that clients may name files of.
 * @param name a path within the folder
 * @throws ServiceError `permission_denied` for a path that leads out of the folder, `not_found` when there is no such
 * file, `payload_too_large`; messages name what the client sent and never where the folder is
 */
export async function readLocalPicture(name: string, { folder, maxBytes }: LocalPictureOptions): Promise<Uint8Array> {
  const root = await realpath(folder);
  const file = await realFile(path.resolve(root, name));
  if (file !== root && !file.startsWith(root + path.sep)) {
    throw new ServiceError('permission_denied', 'the path leads out of the folder that pictures may be read from');
  }
  const handle = await open(file, 'r');
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw noSuchFile();
    if (stat.size > maxBytes) {
      const message = `the file has ${stat.size} bytes, more than the limit of ${maxBytes} bytes (--max_body_bytes)`;
      throw new ServiceError('payload_too_large', message);
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** The file itself, whatever links lead to it; what cannot be looked at is not there for a client. */
async function realFile(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (cause) {
    throw noSuchFile(cause);
  }
}

function noSuchFile(cause?: unknown): ServiceError {
  return new ServiceError('not_found', 'there is no such file in the folder that pictures may be read from', { cause });
}
