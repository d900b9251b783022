/** docs/benchmarks.md, and benchmarks-all.md of a run with all peers: what a run of the benchmark found, in words and tables. */
import { MAX_OTHERS_CORES } from './measure.mjs';
import { spread } from './statistics.mjs';
import { BODY_TITLES, cell, furtherRatios, LIMITS, ratios } from './targets.mjs';

const FIGURES = [
  ['req/s', 'callsPerSecond', 0],
  ['p50 ms', 'p50Ms', 1],
  ['p99 ms', 'p99Ms', 1],
  ['CPU ms/req: server', 'serverCpuMsPerCall', 2],
  ['Triton', 'tritonCpuMsPerCall', 2],
  ['generator', 'generatorCpuMsPerCall', 3],
  ['RSS MiB', 'rssMiB', 0],
  ['PSS MiB', 'pssMiB', 0],
  ['health p99 ms', 'healthP99Ms', 1],
  ['others’ cores', 'othersCores', 2],
];

/** @returns {string} Markdown */
export function report({ facts, floors, starts, answers, runs }) {
  return [
    '# Benchmarks',
    introduction(facts),
    `![Requests a second at 8 clients](${documentOf(facts)}.svg)`,
    '## Targets',
    targetTable(runs),
    limitTable(runs, starts),
    ...furtherSection(runs),
    '## How to read it',
    HOW_TO_READ,
    '## Floors',
    floorTables(floors),
    '## Start',
    startTable(starts),
    '## All runs',
    ...Object.keys(BODY_TITLES).flatMap((body) => bodySection(body, runs)),
    '## The classes that were answered',
    table(['picture', 'server and body', 'classes'], answerRows(answers)),
    '',
  ].join('\n\n');
}

/** The name of the files that a run is written to, without what it ends with. */
export function documentOf({ all }) {
  return all ? 'benchmarks-all' : 'benchmarks';
}

function introduction({ processor, cores, memoryGiB, system, node, python, date, seconds, rounds, all }) {
  return [
    `Measured on ${date} by \`npm run bench --${all ? ' --all' : ''} --write\`: ${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node.js ${node}, ${python}.`,
    'Load generator, transformer and Triton share the cores. The job is the same for all: decode the pictures, make',
    '32×32 tensors of them, call one model of Triton that does next to nothing, answer with classes.',
    `Every run takes ${seconds} s; the servers take turns, ${rounds} rounds, the others paused meanwhile; figures are medians`,
    '(least–greatest).',
  ].join('\n');
}

const HOW_TO_READ = `- Closed loop: each client keeps one connection and sends its next request when the answer is in. The generator is one
  Node.js process over raw sockets (bench/service/load.mjs). Beside Go's \`hey\` on a server that reads the body and
  answers at once, 8 clients, it took less of the processors: 10 µs a request of 1.6 kB (\`hey\` 24), about 30 of 95 kB
  (84), 80 of 341 kB (134), 240 of 863 kB (520).
- \`ours-http\` and \`ours-grpc\` call Triton over HTTP and gRPC; bodies are \`v1\` (base64 in JSON), \`raw\` (the picture, or
  multipart/form-data) and \`v2\` (a BYTES tensor behind JSON). \`kserve-…\` is KServe's Python SDK 0.21 with Pillow 13 and
  tritonclient 2.73, \`wN\` with so many workers; \`draft\` decodes at a reduced scale. \`triton-bls\` decodes in Triton's own
  Python backend (2 instances). All peers but \`kserve-rest-w1\` run with the two malloc settings that make Pillow faster.
- \`ours-batching\` joins calls of simultaneous requests (\`--max_batch_delay_ms 1\`), as Triton's dynamic batcher does within
  \`triton-bls\`; \`ours-fast\` decodes at a reduced size (\`--resize fast\`).
- The full decodes of all servers give the same classes; that is checked before anything is measured.
- The ratio of CPU is that of all that a request takes: server, Triton and generator. Where both servers fill the machine
  it is what the ratio of requests a second comes from, and it changes less when something else is at work.
- CPU time is that of a process and all its children, from /proc. RSS counts a page in each process that has it, PSS
  divides it among them (/proc/PID/smaps_rollup); of \`triton-bls\` both are all of Triton's.
- Health is /v2/health/ready (or the peer's own path), asked on a connection of its own 20 ms after each answer.
- Others' cores is what the rest of the machine used meanwhile. Runs above ${MAX_OTHERS_CORES} were repeated, twice at most, as long
  as not more than one in fifty of all runs was; those that stayed above are counted as disturbed, and figures that rest
  on such runs are marked †.
- With few requests in a run (1080p, or eight pictures in one) p99 is that of two or three requests: take it as coarse.`;

function targetTable(runs) {
  const rows = ratios(runs).map(({ title, body, clients, way, ratio, cpuRatio, least, aim, isDisturbed }) => [
    title,
    BODY_TITLES[body],
    String(clients),
    `${number(ratio, 2)}×${isDisturbed ? ' †' : ''}`,
    `${least}×${aim === undefined ? '' : `, aim ${aim}×`}`,
    verdict(ratio, { least, aim }),
    `${number(cpuRatio, 2)}×`,
    way,
  ]);
  return table(['against', 'picture', 'clients', 'measured', 'target', '', 'CPU', 'by'], rows);
}

/** Nothing without `--all`. */
function furtherSection(runs) {
  const rows = furtherRatios(runs).map(({ server, body, clients, callsPerSecond, ratio, isDisturbed }) => [
    server,
    BODY_TITLES[body],
    String(clients),
    number(callsPerSecond, 0),
    `${number(ratio, 2)}×${isDisturbed ? ' †' : ''}`,
  ]);
  if (rows.length === 0) return [];
  return ['## Further peers', table(['peer', 'picture', 'clients', 'its req/s', 'ours, equal pixels'], rows)];
}

function verdict(ratio, { least, aim = least }) {
  if (!(ratio >= least)) return '**missed**';
  return ratio >= aim ? 'reached' : 'reached, not the aim';
}

/** The runs of each server with each kind and picture at each number of clients. */
function cellsOf(runs) {
  const cells = new Map();
  for (const run of runs) {
    const key = [run.server, run.kind, run.body, run.clients].join(' ');
    cells.set(key, [...(cells.get(key) ?? []), run]);
  }
  return [...cells.values()];
}

/** Latency, memory and start, each beside its bound; of several rounds the median. */
function limitTable(runs, starts) {
  const ours = runs.filter(({ server }) => server.startsWith('ours'));
  const most = (figure) =>
    spread(cellsOf(ours).map((runsOfCell) => spread(runsOfCell.map((run) => run[figure])).median)).max;
  const within = (value, bound) => (value <= bound ? 'within' : '**missed**');
  const unready = ours.reduce((sum, { healthFailures }) => sum + healthFailures, 0);
  const rows = [
    ...latencyRows(runs, within),
    [
      'RSS after load, the cell with the most',
      `${number(most('rssMiB'), 0)} MiB`,
      `${LIMITS.rssMiB} MiB`,
      within(most('rssMiB'), LIMITS.rssMiB),
    ],
    [
      '/v2/health/ready under load, p99, the worst cell',
      `${number(most('healthP99Ms'), 1)} ms${unready > 0 ? `, ${unready} times not ready` : ''}`,
      `${LIMITS.healthP99Ms} ms`,
      within(unready > 0 ? Infinity : most('healthP99Ms'), LIMITS.healthP99Ms),
    ],
    ...Object.entries(starts)
      .filter(([name]) => name.startsWith('ours'))
      .map(([name, times]) => {
        const { median } = spread(times.map(({ readyMs }) => readyMs));
        return [
          `start to ready, ${name}`,
          `${number(median, 0)} ms`,
          `${LIMITS.readyMs} ms`,
          within(median, LIMITS.readyMs),
        ];
      }),
  ];
  return table(['', 'measured', 'bound', ''], rows);
}

/** Ours beside KServe's best of the same pixels, at the same clients. */
function latencyRows(runs, within) {
  const pairs = [
    [
      ['ours-http', 'v1'],
      ['kserve-grpc-w2', 'v1'],
    ],
    [
      ['ours-fast', 'v1'],
      ['kserve-grpc-w2-draft', 'v1'],
    ],
  ];
  return Object.entries(BODY_TITLES).flatMap(([body, title]) =>
    [8, 32].flatMap((clients) =>
      pairs.flatMap(([own, peer]) => {
        const [ownMs, peerMs] = [own, peer].map((way) => cell(runs, way, { body, clients }, 'p99Ms')?.median);
        if (ownMs === undefined || peerMs === undefined) return [];
        const bound = `${number(peerMs, 1)} ms (${peer[0]})`;
        return [
          [`p99, ${title}, ${clients} clients, ${own[0]}`, `${number(ownMs, 1)} ms`, bound, within(ownMs, peerMs)],
        ];
      }),
    ),
  );
}

function startTable(starts) {
  const rows = Object.entries(starts)
    .filter(([, times]) => times.length > 0)
    .map(([name, times]) => [
      name,
      range(spread(times.map(({ readyMs }) => readyMs)), 0),
      range(spread(times.map(({ answeredMs }) => answeredMs)), 0),
    ]);
  return table(['server', 'ready ms', 'first picture answered ms'], rows);
}

function floorTables({ triton, decode }) {
  const alone = table(
    ['Triton alone, the tensor ready-made', 'clients', 'req/s', 'p50 ms', 'p99 ms'],
    triton.map(({ way, clients, callsPerSecond, p50Ms, p99Ms }) => [
      way,
      String(clients),
      number(callsPerSecond, 0),
      number(p50Ms, 2),
      number(p99Ms, 2),
    ]),
  );
  const decoding = table(
    ['The picture alone, to a 32×32 tensor, CPU ms', 'exact', 'fast'],
    Object.entries(decode).map(([body, { exact, fast }]) => [BODY_TITLES[body], number(exact, 3), number(fast, 3)]),
  );
  return `${alone}\n\n${decoding}`;
}

function bodySection(body, runs) {
  const groups = new Map();
  for (const run of runs.filter((run) => run.body === body)) {
    const key = `${run.server} ${run.kind} ${run.clients}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  if (groups.size === 0) return [];
  const rows = [...groups.values()].map((group) => [
    `${group[0].server} ${group[0].kind}`,
    String(group[0].clients),
    ...FIGURES.map(([, figure, digits]) => range(spread(group.map((run) => run[figure])), digits)),
    String(group.reduce((sum, { errors }) => sum + errors, 0)),
    String(group.filter(({ othersCores }) => othersCores > MAX_OTHERS_CORES).length),
  ]);
  const head = ['server, body', 'clients', ...FIGURES.map(([title]) => title), 'errors', 'disturbed runs'];
  return [`### ${BODY_TITLES[body]}`, table(head, rows)];
}

function answerRows(answers) {
  return Object.entries(answers).flatMap(([body, byServer]) =>
    Object.entries(byServer).map(([server, classes]) => [BODY_TITLES[body], server, classes]),
  );
}

function range({ median, min, max }, digits) {
  if (median === undefined) return '';
  return min === max
    ? number(median, digits)
    : `${number(median, digits)} (${number(min, digits)}–${number(max, digits)})`;
}

function number(value, digits) {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
