/**
 * The process that generates load, started by generator.mjs: one for all runs, so that its code is compiled when it
 * matters. What the servers use meanwhile is read here, at the very beginning and end of a run.
 */
import { readFile } from 'node:fs/promises';
import { requestHead, runLoad } from './load.mjs';
import { readCpuSeconds } from './usage.mjs';

process.on('disconnect', () => process.exit());
process.on('message', async ({ path, headers, bodyFile, watched, ...job }) => {
  const body = await readFile(bodyFile);
  const request = Buffer.concat([requestHead('POST', path, { ...headers, 'content-length': body.byteLength }), body]);
  const before = readCpuSeconds(watched);
  const ownBefore = process.cpuUsage();
  const load = await runLoad({ ...job, request });
  const own = process.cpuUsage(ownBefore);
  const after = readCpuSeconds(watched);
  const cpuSeconds = Object.fromEntries(Object.keys(before).map((name) => [name, after[name] - before[name]]));
  process.send({ ...load, cpuSeconds: { ...cpuSeconds, generator: (own.user + own.system) / 1e6 } });
});
