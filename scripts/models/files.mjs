import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Reads a file that may not be there.
 * @param {string} file
 * @returns {Promise<Buffer | undefined>} undefined when there is none
 */
export async function readIfThere(file) {
  try {
    return await readFile(file);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Writes a file so that nobody ever sees half of it: whole under another name, then renamed.
 * @param {string} file whose folder is made where it is missing
 * @param {Uint8Array} bytes
 */
export async function writeAtomically(file, bytes) {
  await mkdir(path.dirname(file), { recursive: true });
  const unfinished = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(unfinished, bytes);
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
}
