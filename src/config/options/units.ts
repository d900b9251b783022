/** 2^30 bytes. */
export const GIB = 1024 ** 3;

/** The largest whole number of 32 bits with a sign, which gRPC's limits are. */
export const INT32_MAX = 2 ** 31 - 1;
