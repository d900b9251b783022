import { type ServiceError, toServiceError } from '../../../errors.js';
import type { TritonCallOptions, TritonClient } from '../triton-client.js';
import { isLastWord } from './server-refusals.js';

/**
 * The first Triton that refuses, rather than dies of, letting go of a region that a call still uses (24.09; since 24.11
 * it lets go of such a region once the call is over).
 */
const GUARDED_SINCE = { major: 2, minor: 50 };

/** How Triton says that a call still uses a region. */
const IN_USE = 'currently in use';

/** How long until a region that is in use is tried again: this at first, then twice as long each time, up to the second. */
const RETRY_MS = { first: 100, longest: 10_000 };

/** How many regions are let go of at once; the other connections are the calls'. */
const AT_ONCE = 4;

/** How long closing waits for regions that are in use. */
const CLOSING_MS = 2000;

/** The calls that are needed of a client. */
export type RegistrationClient = Pick<
  TritonClient,
  'registerSystemSharedMemory' | 'unregisterSystemSharedMemory' | 'serverMetadata'
>;

/** A region to be let go of. */
interface RetiredRegion {
  readonly name: string;
  /** Whether a call that was given up may still be running in the server, which will write to the region. */
  readonly isMaybeInUse: boolean;
  /** Called once the server has let go of it. */
  readonly onGone: () => void;
}

/** What a server has mapped of this process's regions. */
export interface Registrations {
  /** @throws ServiceError as the client's */
  register(region: { name: string; byteSize: number }, options?: TritonCallOptions): Promise<void>;
  /** Has the server let go of a region as soon as it may, in the background. */
  retire(region: RetiredRegion): void;
  /** Waits for the regions that were retired, for some 2 s at most; says which the server keeps, and why, if any. */
  close(): Promise<string | undefined>;
}

/** Registers regions with a server, and unregisters them when that is safe. */
export function createRegistrations(client: RegistrationClient): Registrations {
  const retired = new Set<RetiredRegion>();
  let isGuarded: boolean | undefined;
  let settling: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let delayMs = RETRY_MS.first;
  let isClosed = false;
  let isClientClosed = false;

  const mayUnregister = async ({ isMaybeInUse }: RetiredRegion) => {
    if (!isMaybeInUse) return true;
    isGuarded ??= isGuardedVersion((await client.serverMetadata()).version);
    return isGuarded;
  };

  /** Whether the server has let go of it, or never had it. */
  const unregister = async (region: RetiredRegion) => {
    try {
      if (!(await mayUnregister(region))) return false;
      await client.unregisterSystemSharedMemory(region.name);
      return true;
    } catch (error) {
      const failure = toServiceError(error);
      isClientClosed = isClosed && isOfClosedClient(failure);
      return isFinal(failure);
    }
  };

  const settleSome = async (regions: Iterable<RetiredRegion>) => {
    for (const region of regions) {
      if (isClientClosed) return;
      if (!(await unregister(region))) continue;
      retired.delete(region);
      region.onGone();
      delayMs = RETRY_MS.first;
    }
  };

  const settle = () => {
    clearTimeout(timer);
    timer = undefined;
    if (settling !== undefined) return settling;
    // One iterator for all, which comes to those that are added meanwhile, too.
    const regions = retired.values();
    delayMs = Math.min(2 * delayMs, RETRY_MS.longest);
    settling = Promise.all(Array.from({ length: AT_ONCE }, () => settleSome(regions))).then(() => {
      settling = undefined;
      if (hasHope() && !isClosed) settleLater();
    });
    return settling;
  };

  /** Whether the server may yet let go of what is left. */
  const hasHope = () => retired.size > 0 && isGuarded !== false && !isClientClosed;

  const settleLater = () => {
    timer ??= setTimeout(() => void settle(), delayMs).unref();
  };

  return {
    register: ({ name, byteSize }, options) =>
      client.registerSystemSharedMemory({ name, key: `/${name}`, byteSize }, options),
    retire: (region) => {
      retired.add(region);
      // A call that was given up a moment ago is still under way: asked now, the server would only refuse.
      if (region.isMaybeInUse && !isClosed) settleLater();
      else void settle();
    },
    close: async () => {
      isClosed = true;
      const endsAt = performance.now() + CLOSING_MS;
      await settle();
      while (hasHope() && performance.now() < endsAt) {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS.first));
        await settle();
      }
      if (retired.size === 0) return undefined;
      const kept = `the server keeps ${retired.size} regions until it ends`;
      return isClientClosed
        ? `${kept}, since the client was closed before its shared memory; close that first`
        : `${kept}: calls that were given up may still use them, or it could not be asked`;
    },
  };
}

/** Nobody will be asked any more. Where the server is away, or went away, it is safe to ask again. */
function isOfClosedClient({ upstream, code, isSafeToRetry }: ServiceError): boolean {
  return code === 'unavailable' && upstream === undefined && !isSafeToRetry;
}

/** Whether a failure says that there is nothing left to unregister: not that it is too early, or the server away. */
function isFinal(error: ServiceError): boolean {
  return isLastWord(error) && error.upstream?.text.includes(IN_USE) !== true;
}

function isGuardedVersion(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > GUARDED_SINCE.major || (major === GUARDED_SINCE.major && minor >= GUARDED_SINCE.minor);
}
