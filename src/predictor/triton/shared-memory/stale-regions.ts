import { existsSync, readdirSync, statSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { REGION_PREFIX } from './region-file.js';

/** A region has a name for milliseconds, until the server has mapped it. */
const STALE_AFTER_MS = 60_000;

/**
 * Removes the regions of processes that were killed in the moment between making a region and having it mapped. The id
 * of a process in another container means nothing here, so a file must be old as well.
 * @param directory `/dev/shm`, or a test's own
 */
export function removeStaleRegions(directory: string): void {
  for (const name of readdirSync(directory)) {
    const file = path.join(directory, name);
    if (name.startsWith(REGION_PREFIX) && !isAlive(Number.parseInt(name.slice(REGION_PREFIX.length), 10))) {
      removeOld(file);
    }
  }
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

function removeOld(file: string): void {
  try {
    if (Date.now() - statSync(file).mtimeMs > STALE_AFTER_MS) unlinkSync(file);
  } catch {
    // Another process was faster, or the file is another user's: then it is theirs to remove.
  }
}
