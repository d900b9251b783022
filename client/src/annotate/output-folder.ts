import { access, constants, mkdir } from 'node:fs/promises';

const REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'this is a file',
  ENOTDIR: 'a part of this path is a file',
  EACCES: 'permission denied',
};

/**
 * Makes the folder for annotated pictures, and those above it, where they are missing.
 * @returns why nothing can be written there, as a sentence; undefined when all is well
 */
export async function makeOutputFolder(folder: string): Promise<string | undefined> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (thrown) {
    const { code = '', message } = thrown as NodeJS.ErrnoException;
    return `--annotate: expected a folder to write to, received "${folder}": ${REASONS[code] ?? message}`;
  }
}
