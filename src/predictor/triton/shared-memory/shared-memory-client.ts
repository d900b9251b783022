import { existsSync } from 'node:fs';
import { startDeadline } from '../../../concurrency/deadline.js';
import { excerpt, ServiceError, toServiceError } from '../../../errors.js';
import { subjectOf } from '../answer.js';
import type { TritonInferRequest } from '../inference.js';
import type { ClientLogger } from '../client-options.js';
import { assertUnsigned } from '../parameters.js';
import { assertCallOptions, assertClientOptions } from '../check-options.js';
import { callBack, startInfer } from '../calls/infer-handle.js';
import type { InferCallback, InferHandle, TritonCallOptions, TritonClient } from '../triton-client.js';
import { type CallPlan, planCall, plainOutputs } from './call-plan.js';
import { createOutputBuffers } from './output-buffers.js';
import { knownOutputSizes } from './output-sizes.js';
import { readOutputs, type SharedMemoryInferResult } from './read-outputs.js';
import { createRegionPool, type RegionPool } from './region-pool.js';
import { createRegistrations, type RegistrationClient } from './registrations.js';
import { isDoneWithRegion, isUnknownRegion, outputTooSmall, refusalReason } from './server-refusals.js';

const MIB = 1024 * 1024;

/** That of the client. */
const TIMEOUT_MS = 60_000;

/** The most bytes that outputs may take, by name. */
type OutputByteSizes = Readonly<Record<string, number>>;

/** The client that a shared-memory client makes its calls by. */
export type WrappedClient = RegistrationClient & Pick<TritonClient, 'address' | 'infer' | 'modelInfo'>;

const NODE_WARNINGS: Pick<ClientLogger, 'warn'> = { warn: (_, message) => process.emitWarning(message) };

/** How shared memory is used; sizes in bytes. */
export interface SharedMemoryOptions {
  /**
   * The most that all regions take together; calls wait in order for their part of it. 256 MiB by default. The memory of
   * released results, which is this process's own, is kept for later ones up to as many bytes again.
   */
  readonly maxBytes?: number;
  /** Smaller tensors go with the message, which costs less than a region; 64 KiB by default. */
  readonly minBytes?: number;
  /**
   * The time limit of a call that names none, in milliseconds: for all that it takes, waiting for a region included.
   * When absent it is 60,000, and the client's own holds for each message.
   */
  readonly timeoutMs?: number;
  /** How many calls may wait for a region; 1024 by default. */
  readonly maxQueue?: number;
  /**
   * Who may open a region in the milliseconds until the server has: 0o600 by default, for a server that runs as this
   * user or as root. One that runs as another user needs 0o660 with a common group, or 0o666.
   */
  readonly mode?: number;
  /** Where shm_open makes its objects; `/dev/shm` by default, as on every Linux. */
  readonly directory?: string;
  /** Told once when shared memory is not used, and why; Node's warnings on standard error when absent. */
  readonly logger?: Pick<ClientLogger, 'warn'>;
}

/** What a call may carry. */
export interface SharedMemoryCallOptions extends TritonCallOptions {
  /** The time limit of all that the call takes, waiting for a region included; that of withSharedMemory when absent. */
  readonly timeoutMs?: number;
  /**
   * The most bytes that outputs may take, by name, for those whose size the model's metadata do not tell: BYTES (4 bytes
   * and its content for each element), and variable dimensions besides the batch.
   */
  readonly outputByteSizes?: OutputByteSizes;
}

/** Inference through memory that is shared with a server on the same machine. */
export interface SharedMemoryClient {
  /**
   * As TritonClient.infer. Large inputs go through shared memory, and so do large outputs that the request names and
   * whose size is known; everything else goes with the message, and so does everything when shared memory cannot be used.
   * @throws ServiceError as TritonClient.infer; `invalid_argument` when an output is larger than its outputByteSizes;
   * `resource_exhausted` when as many calls wait for a region as may
   */
  infer(request: TritonInferRequest, options?: SharedMemoryCallOptions): Promise<SharedMemoryInferResult>;
  /** As TritonClient.inferAsync. */
  inferAsync(request: TritonInferRequest, options?: SharedMemoryCallOptions): InferHandle<SharedMemoryInferResult>;
  /** As TritonClient.inferWithCallback. */
  inferWithCallback(
    request: TritonInferRequest,
    callback: InferCallback<SharedMemoryInferResult>,
    options?: SharedMemoryCallOptions,
  ): InferHandle<SharedMemoryInferResult>;
  /**
   * Has the server let go of every region, and frees them; the wrapped client stays open, and later calls go by message.
   * Regions of calls under way end with these; so close this after its calls, and before the client, by which the server
   * is told: with a closed client it keeps the regions until it ends, which is said as a warning.
   */
  close(): Promise<void>;
}

/**
 * Puts shared memory under a client of either protocol: a call then sends no tensors, only where they lie. No native
 * addon: a region is a file in /dev/shm, written and read by one positioned write and read for each tensor.
 *
 * A region belongs to one call at a time. It is used again only after the call was answered, be it with an error, or
 * was refused before it was sent; when a call ends in any other way (cancelled, timed out, connection lost, server not
 * ready) the server may still write to its region, which is then given up for good. Regions have no name in /dev/shm once the server has mapped them, so nothing is left there however this
 * process ends, SIGKILL included.
 */
export function withSharedMemory(client: WrappedClient, options: SharedMemoryOptions = {}): SharedMemoryClient {
  const { maxBytes = 256 * MIB, minBytes = 64 * 1024, maxQueue = 1024, mode = 0o600 } = options;
  const { timeoutMs: defaultTimeoutMs, directory = '/dev/shm', logger = NODE_WARNINGS } = options;
  for (const [name, value] of Object.entries({ minBytes, maxBytes, maxQueue, mode })) assertUnsigned(name, value);
  assertClientOptions(defaultTimeoutMs === undefined ? {} : { timeoutMs: defaultTimeoutMs });
  const buffers = createOutputBuffers(maxBytes);
  const warned = new Set<string>();
  const warn = (reason: string, error?: unknown) => {
    if (warned.has(reason)) return;
    warned.add(reason);
    logger.warn({ predictor: client.address, err: error }, `tensors go without shared memory: ${reason}`);
  };
  let pool: RegionPool | undefined;
  if (existsSync(directory)) {
    pool = createRegionPool(createRegistrations(client), { directory, mode, maxBytes, maxQueue, onNoRoom: warn });
  } else {
    warn('this machine has no /dev/shm');
  }

  const turnOff = (reason: string, error: unknown) => {
    warn(reason, error);
    void pool?.close();
    pool = undefined;
  };

  const takeRegion = async (byteSize: number, call: TritonCallOptions) => {
    try {
      return await pool?.take(byteSize, call);
    } catch (error) {
      const reason = refusalReason(error);
      if (reason === undefined) throw error;
      turnOff(reason, error);
      return undefined;
    }
  };

  const inferByMessage = async (request: TritonInferRequest, call: TritonCallOptions) => {
    return { ...(await client.infer(request, call)), release: () => undefined };
  };

  const inferByRegion = async (request: TritonInferRequest, plan: CallPlan, call: TritonCallOptions) => {
    const owner = pool;
    const region = await takeRegion(plan.byteSize, call);
    if (region === undefined) return inferByMessage(request, call);
    try {
      plan.writeInputs(region);
      const answer = await client.infer(plan.requestWith(region), call);
      const result = readOutputs(request, answer, { plan, region, buffers });
      owner?.giveBack(region);
      return result;
    } catch (error) {
      if (isDoneWithRegion(error)) owner?.giveBack(region);
      else owner?.discard(region);
      throw error;
    }
  };

  /** Once more with a new region when the server has forgotten the first, as after a restart: nothing was done yet. */
  const inferByKnownRegion = async (request: TritonInferRequest, plan: CallPlan, call: TritonCallOptions) => {
    try {
      return await inferByRegion(request, plan, call);
    } catch (error) {
      if (!isUnknownRegion(error)) throw error;
      pool?.discardIdle();
    }
    try {
      return await inferByRegion(request, plan, call);
    } catch (error) {
      if (!isUnknownRegion(error)) throw error;
      turnOff('the server does not keep its regions; there may be several behind one address', error);
      return inferByMessage(request, call);
    }
  };

  const sizesOf = async (request: TritonInferRequest, call: TritonCallOptions, outputByteSizes: OutputByteSizes) => {
    const given = new Map(Object.entries(outputByteSizes));
    for (const [name, byteSize] of given) assertUnsigned(`outputByteSizes.${excerpt(name)}`, byteSize);
    // What a model's metadata say is of the version that its policy chooses.
    const isKnown = request.version === undefined && plainOutputs(request).some((name) => !given.has(name));
    if (!isKnown) return given;
    return new Map([...knownOutputSizes(await client.modelInfo(request.model, call), request), ...given]);
  };

  const inferWithin = async (
    request: TritonInferRequest,
    call: TritonCallOptions,
    outputByteSizes: OutputByteSizes,
  ) => {
    if (pool === undefined) return inferByMessage(request, call);
    const plan = planCall(request, { minBytes, outputByteSizes: await sizesOf(request, call, outputByteSizes) });
    if (plan === undefined) return inferByMessage(request, call);
    try {
      return await inferByKnownRegion(request, plan, call);
    } catch (error) {
      throw namingOutput(toServiceError(error), outputByteSizes);
    }
  };

  const infer = async (request: TritonInferRequest, callOptions: SharedMemoryCallOptions = {}) => {
    const { outputByteSizes = {}, ...given } = callOptions;
    assertCallOptions(given);
    const { timeoutMs = defaultTimeoutMs, signal: parent } = given;
    // One limit for all that the call takes, which may be more than one message.
    const what = () => `The call for ${subjectOf(request)}`;
    const deadline = startDeadline({ timeoutMs: timeoutMs ?? TIMEOUT_MS, what, parent });
    const call = { ...given, ...(timeoutMs !== undefined && { timeoutMs }), signal: deadline.signal };
    try {
      return await inferWithin(request, call, outputByteSizes);
    } finally {
      deadline.close();
    }
  };

  return {
    infer,
    inferAsync: (request, call) => startInfer(infer, request, call),
    inferWithCallback: (request, callback, call) => callBack(startInfer(infer, request, call), callback),
    close: async () => {
      const kept = await pool?.close();
      if (kept !== undefined) logger.warn({ predictor: client.address }, kept);
    },
  };
}

/** Says what to do where the caller's own size is too small. */
function namingOutput(error: ServiceError, outputByteSizes: OutputByteSizes): ServiceError {
  const tooSmall = outputTooSmall(error);
  if (tooSmall === undefined || !Object.hasOwn(outputByteSizes, tooSmall.name)) return error;
  const { name, byteSize, needed } = tooSmall;
  const message = `outputByteSizes.${excerpt(name)} must be at least ${needed} for this request; received ${byteSize}`;
  return new ServiceError('invalid_argument', message, { cause: error });
}
