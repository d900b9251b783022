/** docs/benchmarks.md: what a run of the benchmark found, in words and tables. */
import { spread } from './statistics.mjs';
import { BODY_TITLES, cell, ratios } from './targets.mjs';

const FIGURES = [
  ['req/s', 'callsPerSecond', 0],
  ['p50 ms', 'p50Ms', 1],
  ['p99 ms', 'p99Ms', 1],
  ['CPU ms/req: server', 'serverCpuMsPerCall', 2],
  ['Triton', 'tritonCpuMsPerCall', 2],
  ['generator', 'generatorCpuMsPerCall', 2],
  ['RSS MiB', 'residentMiB', 0],
  ['health p99 ms', 'healthP99Ms', 1],
  ['others’ cores', 'othersCores', 2],
];

/** @returns {string} Markdown */
export function report({ facts, floors, starts, answers, runs }) {
  return [
    '# Benchmarks',
    introduction(facts),
    '![Requests a second at 8 clients](benchmarks.svg)',
    '## Targets',
    targetTable(runs),
    limitTable(runs, starts),
    '## How to read it',
    HOW_TO_READ,
    '## Floors',
    floorTables(floors),
    '## Start to first answer',
    table(
      ['server', 'ms'],
      Object.entries(starts)
        .filter(([, times]) => times.length > 0)
        .map(([name, times]) => [name, `${number(spread(times).median, 0)} (${times.join(', ')})`]),
    ),
    '## All runs',
    ...Object.keys(BODY_TITLES).flatMap((body) => bodySection(body, runs)),
    '## The classes that were answered',
    table(['picture', 'server and body', 'classes'], answerRows(answers)),
    '',
  ].join('\n\n');
}

function introduction({ processor, cores, memoryGiB, node, date, seconds, rounds }) {
  return [
    `Measured on ${date} by \`npm run bench -- --write\`: ${processor}, ${cores} cores, ${memoryGiB} GiB, Node.js ${node}.`,
    'Load generator, transformer and Triton share the cores. The job is the same for all: decode the pictures, make',
    '32×32 tensors of them, call one model of Triton that does next to nothing, answer with classes.',
    `Every run takes ${seconds} s; the servers take turns, ${rounds} rounds; figures are medians (least–greatest).`,
  ].join('\n');
}

const HOW_TO_READ = `- Closed loop: each client sends its next request when the answer is in. The generator is one Node.js process over raw
  sockets (bench/service/load.mjs); what it takes of the machine stands in the tables.
- \`ours-http\` and \`ours-grpc\` call Triton over HTTP and gRPC; bodies are \`v1\` (base64 in JSON), \`raw\` (the picture, or
  multipart/form-data) and \`v2\` (a BYTES tensor behind JSON). \`kserve-…\` is KServe's Python SDK 0.21 with Pillow 13 and
  tritonclient 2.73, \`wN\` with so many workers; \`draft\` decodes at a reduced scale. \`triton-bls\` decodes in Triton's own
  Python backend (2 instances). All peers but \`kserve-rest-w1\` run with the two malloc settings that make Pillow faster.
- \`ours-batching\` joins calls of simultaneous requests (\`--max_batch_delay_ms 1\`), as Triton's dynamic batcher does within
  \`triton-bls\`; \`ours-fast\` decodes at a reduced size (\`--resize fast\`).
- The full decodes of all servers give the same classes; that is checked before anything is measured.
- RSS is that of a server and its children, shared pages counted in each; of \`triton-bls\` it is all of Triton's.
- Others' cores is what the rest of the machine used meanwhile. Runs above 0.15 were repeated, twice at most.`;

function targetTable(runs) {
  const rows = ratios(runs).map(({ title, body, clients, way, ratio, least, aim, isReached }) => [
    title,
    BODY_TITLES[body],
    String(clients),
    `${number(ratio, 2)}×`,
    `${least}×${aim === undefined ? '' : `, aim ${aim}×`}`,
    isReached ? (aim !== undefined && ratio < aim ? 'reached, not the aim' : 'reached') : '**missed**',
    way,
  ]);
  return table(['against', 'picture', 'clients', 'measured', 'target', '', 'by'], rows);
}

/** Latency, memory and start, each beside its bound. */
function limitTable(runs, starts) {
  const ours = runs.filter(({ server }) => server.startsWith('ours'));
  const rows = [];
  for (const body of Object.keys(BODY_TITLES)) {
    for (const clients of [8, 32]) {
      for (const [own, peer] of [
        [
          ['ours-http', 'v1'],
          ['kserve-grpc-w2', 'v1'],
        ],
        [
          ['ours-fast', 'v1'],
          ['kserve-grpc-w2-draft', 'v1'],
        ],
      ]) {
        const [ownP99, peerP99] = [own, peer].map((way) => cell(runs, way, { body, clients }, 'p99Ms')?.median);
        if (ownP99 === undefined || peerP99 === undefined) continue;
        const what = `p99, ${BODY_TITLES[body]}, ${clients} clients, ${own[0]}`;
        rows.push([
          what,
          `${number(ownP99, 1)} ms`,
          `${number(peerP99, 1)} ms (${peer[0]})`,
          passes(ownP99 <= peerP99),
        ]);
      }
    }
  }
  const resident = Math.max(...ours.map(({ residentMiB }) => residentMiB));
  rows.push(['RSS after load, the most', `${number(resident, 0)} MiB`, '200 MiB', passes(resident <= 200)]);
  const health = spread(ours.filter(({ clients }) => clients <= 8).map(({ healthP99Ms }) => healthP99Ms));
  const healthAll = Math.max(...ours.map(({ healthP99Ms }) => healthP99Ms ?? 0));
  const what = '/v2/health/ready under load, p99, the worst run of up to 8 clients (of any)';
  rows.push([what, `${number(health.max, 1)} ms (${number(healthAll, 1)})`, '20 ms', passes(health.max <= 20)]);
  for (const [name, times] of Object.entries(starts).filter(([name]) => name.startsWith('ours'))) {
    const { median } = spread(times);
    rows.push([`start to first answer, ${name}`, `${number(median, 0)} ms`, '600 ms', passes(median <= 600)]);
  }
  return table(['', 'measured', 'bound', ''], rows);
}

function passes(isWithin) {
  return isWithin ? 'within' : '**missed**';
}

function floorTables({ triton, decode }) {
  const alone = table(
    ['Triton alone, the tensor ready-made', 'req/s', 'p50 ms', 'p99 ms'],
    Object.entries(triton).map(([clients, run]) => [
      `${clients} clients`,
      number(run.callsPerSecond, 0),
      number(run.p50Ms, 2),
      number(run.p99Ms, 2),
    ]),
  );
  const decoding = table(
    ['The picture alone, to a 32×32 tensor, CPU ms', 'exact', 'fast'],
    Object.entries(decode).map(([body, { exact, fast }]) => [BODY_TITLES[body], number(exact, 3), number(fast, 3)]),
  );
  return `${alone}\n\n${decoding}`;
}

function bodySection(body, runs) {
  const ofBody = runs.filter((run) => run.body === body);
  if (ofBody.length === 0) return [];
  const keys = [
    ...new Map(
      ofBody.map(({ server, kind, clients }) => [`${server} ${kind} ${clients}`, { server, kind, clients }]),
    ).values(),
  ];
  const rows = keys.map(({ server, kind, clients }) => [
    `${server} ${kind}`,
    String(clients),
    ...FIGURES.map(([, figure, digits]) => {
      const found = cell(ofBody, [server, kind], { body, clients }, figure);
      return found?.median === undefined ? '' : range(found, digits);
    }),
    String(
      ofBody
        .filter((run) => run.server === server && run.kind === kind && run.clients === clients)
        .reduce((sum, { errors }) => sum + errors, 0),
    ),
  ]);
  return [
    `### ${BODY_TITLES[body]}`,
    table(['server, body', 'clients', ...FIGURES.map(([title]) => title), 'errors'], rows),
  ];
}

function answerRows(answers) {
  return Object.entries(answers).flatMap(([body, byServer]) =>
    Object.entries(byServer).map(([server, classes]) => [BODY_TITLES[body], server, classes]),
  );
}

function range({ median, min, max }, digits) {
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
