/** What processes take of the machine, from Linux' /proc. */
import { readdirSync, readFileSync } from 'node:fs';

/** Of `sysconf(_SC_CLK_TCK)`, which is 100 on every Linux that Node.js runs on. */
const TICKS_PER_SECOND = 100;

/** A process and all that come of it. */
export function familyOf(pid) {
  const children = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(name);
    if (stat !== undefined) children.set(stat.parent, [...(children.get(stat.parent) ?? []), Number(name)]);
  }
  const family = [pid];
  for (const member of family) family.push(...(children.get(member) ?? []));
  return family;
}

/** CPU seconds that a process and all that come of it have used. */
export function cpuSecondsOf(pid) {
  return familyOf(pid).reduce((sum, member) => sum + (statOf(member)?.ticks ?? 0), 0) / TICKS_PER_SECOND;
}

/** Resident memory of a process and all that come of it, in MiB: each page is counted in each process that has it. */
export function residentMiBOf(pid) {
  return familyOf(pid).reduce((sum, member) => sum + residentKiB(member), 0) / 1024;
}

/** CPU seconds for which the machine was busy. */
export function busySeconds() {
  return parseBusyTicks(readFileSync('/proc/stat', 'utf8')) / TICKS_PER_SECOND;
}

/**
 * The ticks of /proc/stat's first line for which the processors did something (proc_stat(5): user, nice, system, idle,
 * iowait, irq, softirq, steal).
 */
export function parseBusyTicks(text) {
  const [user, nice, system, , , irq, softirq] = text.split('\n', 1)[0].split(/\s+/).slice(1).map(Number);
  return user + nice + system + irq + softirq;
}

/** The parent and the used ticks of a process, from /proc/PID/stat (proc_pid_stat(5)); its name may hold anything. */
export function parseStat(text) {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
}

function statOf(pid) {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

function residentKiB(pid) {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
