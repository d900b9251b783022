import { randomUUID } from 'node:crypto';
import { closeSync, constants, fchmodSync, openSync, readSync, rmSync, statfsSync, writeSync } from 'node:fs';
import path from 'node:path';
import { ServiceError } from '../../../errors.js';

/** What every region's name begins with; behind it stand the process's id and a UUID. */
export const REGION_PREFIX = 'kserve-transformer-';

const NEW_FILE = constants.O_CREAT | constants.O_EXCL | constants.O_RDWR;

/** What a new file is filled with, piece by piece. */
const ZEROS = new Uint8Array(1024 * 1024);

/** Files that have a name at present; an ending process removes them. */
const namedFiles = new Set<string>();

/**
 * A piece of memory that is shared with a server on the same machine: a file in /dev/shm, which shm_open("/name") opens
 * on Linux (shm_overview(7)). Reads and writes are copies within memory (4.8 MB take 0.4 ms) and run synchronously.
 */
export interface RegionFile {
  /** The name of the file, and of the shared-memory object without its leading slash. */
  readonly name: string;
  /** Bytes. */
  readonly byteSize: number;
  write(bytes: Uint8Array, position: number): void;
  /** Fills `target` from `position` on. */
  read(target: Uint8Array, position: number): void;
  /** Takes the name away: the memory stays while someone has it open or mapped, and ends with them, however they end. */
  unlink(): void;
  /** Unlinks it, and lets go of the memory; safe to call twice. */
  close(): void;
}

/**
 * Makes a region with a name that no other has. Its memory is really there: a file that is only declared long would end
 * the server by SIGBUS once /dev/shm is full.
 * @param options.directory `/dev/shm`, or a test's own
 * @param options.byteSize above 0
 * @param options.mode who may open the file: 0o600 is this user (and root) alone
 * @throws ServiceError `resource_exhausted` when there is no room; `unavailable` when no file can be made
 */
export function createRegionFile(options: { directory: string; byteSize: number; mode: number }): RegionFile {
  const { directory, byteSize, mode } = options;
  const name = `${REGION_PREFIX}${process.pid}-${randomUUID()}`;
  const file = path.join(directory, name);
  // Asked before anything is written: filling the last of /dev/shm would take it from the server's own models.
  if (orNotMade(() => freeBytes(directory)) < byteSize) throw noRoom(byteSize);
  const descriptor = orNotMade(() => openSync(file, NEW_FILE, mode));
  remember(file);
  let isOpen = true;
  const unlink = () => {
    if (forget(file)) rmSync(file, { force: true });
  };
  const region: RegionFile = {
    name,
    byteSize,
    write: (bytes, position) => {
      forAll(bytes, (rest, done) => writeSync(descriptor, rest, 0, rest.byteLength, position + done));
    },
    read: (target, position) => {
      forAll(target, (rest, done) => readSync(descriptor, rest, 0, rest.byteLength, position + done));
    },
    unlink,
    close: () => {
      unlink();
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
  try {
    // The process's umask has no say in who may open it.
    fchmodSync(descriptor, mode);
    for (let position = 0; position < byteSize; position += ZEROS.byteLength) {
      region.write(ZEROS.subarray(0, byteSize - position), position);
    }
  } catch (error) {
    region.close();
    throw noRoom(byteSize, error);
  }
  return region;
}

/** The kernel moves at most 2 GiB at once (read(2), write(2)), so there may be several rounds; usually it is one. */
function forAll(bytes: Uint8Array, move: (rest: Uint8Array, done: number) => number): void {
  for (let done = 0; done < bytes.byteLength;) {
    const moved = move(bytes.subarray(done), done);
    if (moved === 0) throw new RangeError(`the region ends after ${done} of ${bytes.byteLength} bytes`);
    done += moved;
  }
}

function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}

function noRoom(byteSize: number, cause?: unknown): ServiceError {
  return new ServiceError('resource_exhausted', `There is no room for ${byteSize} bytes of shared memory`, { cause });
}

function orNotMade<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new ServiceError('unavailable', 'No region of shared memory can be made', { cause: error });
  }
}

function remember(file: string): void {
  if (namedFiles.size === 0) process.on('exit', removeNamedFiles);
  namedFiles.add(file);
}

function forget(file: string): boolean {
  const wasNamed = namedFiles.delete(file);
  if (wasNamed && namedFiles.size === 0) process.off('exit', removeNamedFiles);
  return wasNamed;
}

function removeNamedFiles(): void {
  for (const file of namedFiles) rmSync(file, { force: true });
}
