import { createLimiter } from '../../../concurrency/limiter.js';
import type { TritonCallOptions } from '../triton-client.js';
import { createRegionFile, type RegionFile } from './region-file.js';
import type { Registrations } from './registrations.js';
import { removeStaleRegions } from './stale-regions.js';

/** The smallest region; a quarter of it is a whole number of memory pages. */
const SMALLEST_REGION_BYTES = 64 * 1024;

/** A region that is one call's own until it is given back or discarded. */
type Region = Pick<RegionFile, 'name' | 'byteSize' | 'read' | 'write'>;

/** How a pool makes regions. */
export interface RegionPoolOptions {
  /** `/dev/shm`, or a test's own. */
  readonly directory: string;
  /** Who may open the regions' files. */
  readonly mode: number;
  /** The most that all regions take together, those that the server has not let go of yet included. */
  readonly maxBytes: number;
  /** How many calls may wait for regions. */
  readonly maxQueue: number;
  /** Told why there is no room for a region; the call that wanted it goes without. */
  readonly onNoRoom: (reason: string, error?: unknown) => void;
}

/** Regions that a server has mapped, used again and again. */
export interface RegionPool {
  /**
   * A region of at least `byteSize`, made and registered where none is idle; calls wait in order while others have all
   * the memory. Undefined where waiting does not help: for more than the pool may have, while the directory is full or
   * the server keeps too much of what was discarded, and once the pool is closed.
   * @throws ServiceError `resource_exhausted` when too many wait; the signal's reason; as registerSystemSharedMemory
   */
  take(byteSize: number, options?: TritonCallOptions): Promise<Region | undefined>;
  /** Takes back a region that nobody uses any more: its call was answered, or never sent. */
  giveBack(region: Region): void;
  /** Ends a region that the server may still read or write. */
  discard(region: Region): void;
  /** Ends all that are idle, as the server seems to have forgotten them. */
  discardIdle(): void;
  /** Ends idle regions at once, those in use when they come back; says which the server keeps, and why, if any. */
  close(): Promise<string | undefined>;
}

/** Makes a pool, and removes what killed processes have left in its directory. */
export function createRegionPool(registrations: Registrations, options: RegionPoolOptions): RegionPool {
  const { directory, mode, maxBytes, maxQueue, onNoRoom } = options;
  removeStaleRegions(directory);
  // Of the same size the last is at the end: the one that is most likely still in the processor's cache.
  const idle: RegionFile[] = [];
  const taken = new Map<Region, { file: RegionFile; place: { release(): void } }>();
  const places = createLimiter({ capacity: maxBytes, maxQueue, what: 'calls with shared memory' });
  let totalBytes = 0;
  let isClosed = false;

  const retire = (file: RegionFile, isMaybeInUse: boolean) => {
    file.close();
    const uncount = () => {
      totalBytes -= file.byteSize;
    };
    // The server lets go of an idle region at once; of one in use when it may, and until then the memory is taken.
    if (!isMaybeInUse) uncount();
    registrations.retire({ name: file.name, isMaybeInUse, onGone: isMaybeInUse ? uncount : () => undefined });
  };

  const takeIdle = (byteSize: number) => {
    const index = idle.findLastIndex((file) => file.byteSize === byteSize);
    return index === -1 ? undefined : idle.splice(index, 1)[0];
  };

  const makeRoom = (byteSize: number) => {
    while (totalBytes + byteSize > maxBytes) {
      const oldest = idle.shift();
      if (oldest === undefined) {
        onNoRoom('the server still has the memory of calls that ended early');
        return false;
      }
      retire(oldest, false);
    }
    return true;
  };

  const register = async (file: RegionFile, call: TritonCallOptions | undefined) => {
    try {
      await registrations.register(file, call);
      // Mapped by the server and open here, it needs no name; and nothing is left of it should this process be killed.
      file.unlink();
    } catch (error) {
      retire(file, false);
      throw error;
    }
  };

  const createFile = (byteSize: number) => {
    try {
      return createRegionFile({ directory, byteSize, mode });
    } catch (error) {
      onNoRoom('there is no room for it', error);
      return undefined;
    }
  };

  const create = async (byteSize: number, call: TritonCallOptions | undefined) => {
    const file = makeRoom(byteSize) ? createFile(byteSize) : undefined;
    if (file === undefined) return undefined;
    totalBytes += byteSize;
    await register(file, call);
    return file;
  };

  /** Ends the time that a call has the region, and gives its file. */
  const end = (region: Region) => {
    const lease = taken.get(region);
    taken.delete(region);
    lease?.place.release();
    return lease?.file;
  };

  return {
    take: async (byteSize, call) => {
      const size = sizeClass(byteSize);
      if (size > maxBytes) return undefined;
      const place = await places.acquire({ weight: size, signal: call?.signal });
      try {
        const file = isClosed ? undefined : (takeIdle(size) ?? (await create(size, call)));
        if (file === undefined) {
          place.release();
          return undefined;
        }
        taken.set(file, { file, place });
        return file;
      } catch (error) {
        place.release();
        throw error;
      }
    },
    giveBack: (region) => {
      const file = end(region);
      if (file === undefined) return;
      if (isClosed) retire(file, false);
      else idle.push(file);
    },
    discard: (region) => {
      const file = end(region);
      if (file !== undefined) retire(file, true);
    },
    discardIdle: () => {
      for (const file of idle.splice(0)) retire(file, false);
    },
    close: () => {
      isClosed = true;
      for (const file of idle.splice(0)) retire(file, false);
      return registrations.close();
    },
  };
}

/**
 * What a region for so many bytes really takes, so that calls of nearly the same size share regions: the next of 4, 5,
 * 6, 7 and 8 times a power of two, at most a quarter more.
 */
export function sizeClass(byteSize: number): number {
  if (byteSize <= SMALLEST_REGION_BYTES) return SMALLEST_REGION_BYTES;
  const step = 2 ** Math.floor(Math.log2(byteSize)) / 4;
  return Math.ceil(byteSize / step) * step;
}
