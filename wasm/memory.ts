/** The first address behind the constants of all kernels; what lies from there on is the host's. */
export function heapBase(): usize {
  return __heap_base;
}
