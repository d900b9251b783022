import { cpus } from 'node:os';

/**
 * The comparisons as a page: calls per second, percentiles, processor time, and our caller's ratio to each peer.
 * @param {object[]} measured comparisons of cells.mjs with the medians of their `callers`, ours first
 * @param {{ seconds: string, rounds: string, warmUpSeconds: number }} run how long and how often each was run
 */
export function report(measured, { seconds, rounds, warmUpSeconds }) {
  return [
    "# The Triton client beside Triton's own Python client",
    '',
    `Written by \`npm run bench:client -- --write\`. One real Triton with the model \`copy\` (Python backend), the callers`,
    `one after the other, each in a process of its own: ${rounds} rounds of ${seconds} s, after ${warmUpSeconds} s of warm-up; medians.`,
    `Server and caller share ${cpus().length} cores (${cpus()[0]?.model.trim()}); Node.js ${process.version}.`,
    'Ratios are calls per second, this client over the other; latencies and processor time are in milliseconds.',
    '',
    ...measured.flatMap(section),
  ].join('\n');
}

function section({ ours, bytes, inFlight, target, callers }) {
  const [first, ...peers] = callers;
  const ratio = ({ callsPerSecond }) => first.callsPerSecond / callsPerSecond;
  const rows = callers.map((caller) => [
    caller === first ? `**this client, ${caller.caller}**` : caller.caller,
    caller.callsPerSecond.toFixed(caller.callsPerSecond < 100 ? 1 : 0),
    caller.p50Ms.toFixed(2),
    caller.p99Ms.toFixed(2),
    caller.cpuMsPerCall.toFixed(3),
    caller === first ? '' : `${ratio(caller).toFixed(2)}×`,
  ]);
  const verdict =
    target === undefined
      ? []
      : ['', `Target ${target}× of ${peers[0].caller}: ${ratio(peers[0]) >= target ? 'met' : 'MISSED'}.`];
  return [
    `## ${ours}: ${bytes.toLocaleString('en')} bytes each way, ${inFlight} in flight`,
    '',
    '| caller | calls/s | p50 | p99 | CPU per call | ratio |',
    '| --- | --: | --: | --: | --: | --: |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    ...verdict,
    '',
  ];
}
