import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** A container's CPU quota under cgroup v2: microseconds of CPU time per period, or `max`. */
const CPU_MAX = '/sys/fs/cgroup/cpu.max';

/**
 * How many CPU cores the process may use: those it may run on, or the container's quota where that is less (Node and
 * libuv do not read the quota).
 * @param readQuota gives the content of cgroup v2's `cpu.max`; throws when there is none
 */
export function cpuCount(readQuota = () => readFileSync(CPU_MAX, 'utf8')): number {
  return Math.max(1, Math.min(availableParallelism(), Math.ceil(quotaCores(readQuota))));
}

function quotaCores(readQuota: () => string): number {
  try {
    const [quota, period] = readQuota().trim().split(' ').map(Number);
    const cores = (quota ?? NaN) / (period ?? NaN);
    return cores > 0 ? cores : Infinity;
  } catch {
    // No cgroup v2, so no quota that could be read.
    return Infinity;
  }
}
