/**
 * A parameter of the Open Inference Protocol. A whole number and a bigint stand for int64 (uint64 beyond it), any other
 * number for a double; integers beyond 2^53 are bigints, so that they keep their digits.
 */
export type ParameterValue = string | boolean | number | bigint;
