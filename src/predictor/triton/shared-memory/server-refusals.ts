import { type ErrorCode, ServiceError } from '../../../errors.js';

/** What servers say when they will never take a region, and what that means for whoever reads the log. */
const REFUSALS: readonly { readonly words: RegExp; readonly reason: string }[] = [
  {
    words: /client shared memory is disabled/i,
    reason: 'the server was started without --allow-client-shm=true',
  },
  {
    words: /unable to open shared memory region/i,
    reason:
      "the server cannot open this machine's shared memory: it is remote, has a /dev/shm of its own, or needs another mode",
  },
  { words: /restricted/i, reason: 'the server restricts its shared-memory calls' },
];

/** Triton's words for a region that it does not have, or has no more since it was started again. */
const UNKNOWN_REGION = /unable to find shared memory region/i;

/** Triton's words for an output that is larger than the place that the request has for it. */
const TOO_SMALL = /size specified with the request for output '(.*)' \((\d+) bytes\) should be at least (\d+) bytes/;

/** Triton's words, of status UNAVAILABLE, for a request that it took out of its queue or never put there. */
const NEVER_BEGUN = /exceeds maximum queue size|request timeout expired/i;

/** What the client says of a call before it sends it, and of no other. */
const BEFORE_SENDING: readonly ErrorCode[] = ['invalid_argument', 'unauthenticated', 'resource_exhausted'];

/** What a server is, or a proxy before it says of one that it does not hear from. */
const PASSING: readonly ErrorCode[] = ['unavailable', 'deadline_exceeded'];

/** Why a server never takes regions, by what it answered to one; undefined when another try may succeed. */
export function refusalReason(error: unknown): string | undefined {
  if (!(error instanceof ServiceError)) return undefined;
  const { upstream, code } = error;
  const known = REFUSALS.find(({ words }) => upstream !== undefined && words.test(upstream.text));
  if (known !== undefined) return known.reason;
  const isFinal = code === 'unimplemented' || isLastWord(error);
  return isFinal ? 'the server refuses to register regions' : undefined;
}

/**
 * Whether the server itself has ended a call with an error: not a proxy before it, behind which the call may go on, and
 * not for a reason that passes.
 */
export function isLastWord({ code, upstream }: ServiceError): boolean {
  return upstream !== undefined && !PASSING.includes(code) && upstream.status !== 'CANCELLED';
}

/**
 * Whether a failed call's region may be used for another: the server has answered the call and so is done with it, or
 * never received it; and it still has the region.
 */
export function isDoneWithRegion(error: unknown): boolean {
  if (!(error instanceof ServiceError) || isUnknownRegion(error)) return false;
  const { code, upstream } = error;
  if (upstream === undefined) return BEFORE_SENDING.includes(code);
  return NEVER_BEGUN.test(upstream.text) || isLastWord(error);
}

/** Whether a call was refused, before it began, because the server does not know its region. */
export function isUnknownRegion(error: unknown): boolean {
  return error instanceof ServiceError && UNKNOWN_REGION.test(error.upstream?.text ?? '');
}

/** Which output did not fit, and the least size that it needs, in bytes; undefined for any other error. */
export function outputTooSmall(error: unknown): { name: string; byteSize: number; needed: number } | undefined {
  const text = error instanceof ServiceError ? error.upstream?.text : undefined;
  const [, name, byteSize, needed] = TOO_SMALL.exec(text ?? '') ?? [];
  return name === undefined ? undefined : { name, byteSize: Number(byteSize), needed: Number(needed) };
}
