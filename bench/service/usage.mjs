/** What processes take of the machine, from Linux' /proc. */
import { readdirSync, readFileSync } from 'node:fs';

/** Of `sysconf(_SC_CLK_TCK)`, which is 100 on every Linux that Node.js runs on. */
const TICKS_PER_SECOND = 100;

const KIB_PER_MIB = 1024;

/**
 * CPU seconds used so far by some processes, each with all that come of it, and by all of the machine.
 * @template {string} Name
 * @param {Record<Name, number>} roots process ids by name
 * @returns {{ busy: number } & Record<Name, number>}
 */
export function readCpuSeconds(roots) {
  const stats = allStats();
  const seconds = Object.entries(roots).map(([name, pid]) => {
    const ticks = membersOf(pid, stats).reduce((sum, member) => sum + (stats.get(member)?.ticks ?? 0), 0);
    return [name, ticks / TICKS_PER_SECOND];
  });
  return {
    ...Object.fromEntries(seconds),
    busy: parseBusyTicks(readFileSync('/proc/stat', 'utf8')) / TICKS_PER_SECOND,
  };
}

/** A process and all that come of it, as process ids. */
export function familyOf(pid) {
  return membersOf(pid, allStats());
}

/**
 * Memory of a process and all that come of it, in MiB. In `rss` a page counts in each process that has it, in `pss` it
 * is divided among them.
 */
export function readMemory(pid) {
  const members = familyOf(pid).map((member) => parseMemory(readOf(member, 'smaps_rollup') ?? ''));
  return {
    rssMiB: members.reduce((sum, { rssKiB }) => sum + rssKiB, 0) / KIB_PER_MIB,
    pssMiB: members.reduce((sum, { pssKiB }) => sum + pssKiB, 0) / KIB_PER_MIB,
  };
}

/**
 * The ticks of /proc/stat's first line for which the processors did something (proc_stat(5): user, nice, system, idle,
 * iowait, irq, softirq, steal; the guests' are part of user).
 */
export function parseBusyTicks(text) {
  const [user, nice, system, , , irq, softirq] = text.split('\n', 1)[0].split(/\s+/).slice(1).map(Number);
  return user + nice + system + irq + softirq;
}

/**
 * The parent of a process, and the ticks that it and its ended children used, from /proc/PID/stat (proc_pid_stat(5):
 * ppid is field 4; utime, stime, cutime and cstime are fields 14 to 17). Its name, field 2, may hold anything.
 */
export function parseStat(text) {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { parent: Number(fields[1]), ticks };
}

/** Rss and Pss of /proc/PID/smaps_rollup (proc_pid_smaps(5)); 0 of a process that has ended. */
export function parseMemory(text) {
  const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0);
  return { rssKiB: field('Rss'), pssKiB: field('Pss') };
}

function membersOf(pid, stats) {
  const children = new Map();
  for (const [member, { parent }] of stats) children.set(parent, [...(children.get(parent) ?? []), member]);
  const members = [pid];
  for (const member of members) members.push(...(children.get(member) ?? []));
  return members;
}

function allStats() {
  const stats = new Map();
  for (const name of readdirSync('/proc')) {
    const text = /^\d+$/.test(name) ? readOf(name, 'stat') : undefined;
    if (text !== undefined) stats.set(Number(name), parseStat(text));
  }
  return stats;
}

/** A file of a process; undefined when it has ended meanwhile. */
function readOf(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined;
    throw error;
  }
}
