/** What is measured: each cell is one caller, with one size of tensor and one number of calls in flight. */

/** Few numbers: the calls' own cost is all there is. */
const SMALL_BYTES = 64;

/** The greatest that this build of Triton takes over HTTP: it ends on bodies above 4 MB. */
const LARGE_HTTP_BYTES = 3_900_000;

/** One picture of 1 x 3 x 640 x 640 FP32 numbers, nearly: what a detector takes. */
const LARGE_BYTES = 4_800_000;

const IN_FLIGHT = [1, 16, 64];
const LARGE_IN_FLIGHT = [1, 4];

/**
 * Callers by the protocol on which they are compared; `program` is run as a process of its own.
 * The first of `peers` is the one that a target is set against.
 */
const SMALL = [
  {
    ours: 'http',
    peers: ['tritonclient.http', 'tritonclient.http async_infer', 'tritonclient.http.aio'],
    target: 3,
  },
  { ours: 'grpc', peers: ['tritonclient.grpc async', 'tritonclient.grpc', 'tritonclient.grpc.aio'], target: 1.5 },
  { ours: 'shared memory', peers: ['tritonclient.grpc shared memory'] },
];
const LARGE = [
  { ours: 'http', peers: ['tritonclient.http'], target: 1, bytes: LARGE_HTTP_BYTES },
  {
    ours: 'grpc',
    peers: ['tritonclient.grpc async', 'tritonclient.grpc'],
    target: 1,
    bytes: LARGE_BYTES,
  },
  { ours: 'shared memory', peers: ['tritonclient.grpc shared memory'], target: 1, bytes: LARGE_BYTES },
];

/**
 * Every comparison: our caller, its peers, bytes of the tensor, calls in flight, and the least ratio of calls per second
 * that is wanted of our caller over the first peer, where there is one.
 */
export const COMPARISONS = [
  ...IN_FLIGHT.flatMap((inFlight) =>
    SMALL.map(({ target, ...comparison }) => ({
      ...comparison,
      bytes: SMALL_BYTES,
      inFlight,
      // The targets stand at 16 in flight; at 1 the server's own time is most of a call.
      target: inFlight === 16 ? target : undefined,
    })),
  ),
  ...LARGE_IN_FLIGHT.flatMap((inFlight) => LARGE.map((comparison) => ({ ...comparison, inFlight }))),
];
