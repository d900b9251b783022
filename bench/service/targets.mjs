/** What the service is to reach beside its peers, as ratios of requests a second, and whether it does. */
import { MAX_OTHERS_CORES } from './measure.mjs';
import { SERVERS } from './servers.mjs';
import { spread } from './statistics.mjs';

const OURS_FAST = [
  ['ours-fast', 'v1'],
  ['ours-fast-batching', 'v1'],
];

const AS_SHIPPED = {
  peer: ['kserve-rest-w1', 'v1'],
  least: { cifar: 4.5, vga: 4.5, hd: 6, vga8: 3.3 },
};

/** Ours and the peer of each column, and the ratio that it is to reach for each body. */
export const COLUMNS = [
  {
    title: 'equal pixels: KServe at its best (gRPC, 2 workers, malloc tuned)',
    ours: [
      ['ours-http', 'v1'],
      ['ours-grpc', 'v1'],
      ['ours-batching', 'v1'],
    ],
    peer: ['kserve-grpc-w2', 'v1'],
    least: { cifar: 1.8, vga: 1.8, hd: 2, vga8: 1.5 },
  },
  {
    title: 'reduced decode on both sides: `--resize fast`, KServe with `--jpeg_draft` (gRPC, 2 workers, malloc tuned)',
    ours: OURS_FAST,
    peer: ['kserve-grpc-w2-draft', 'v1'],
    least: { cifar: 1.8, vga: 1.4, hd: 1, vga8: 1.1 },
    aim: { cifar: 2.2, vga: 1.8, hd: 1.5, vga8: 1.6 },
  },
  {
    title: 'KServe as shipped (REST, 1 worker)',
    ours: [
      ['ours-http', 'v1'],
      ['ours-batching', 'v1'],
    ],
    ...AS_SHIPPED,
  },
  {
    title: 'KServe as shipped (REST, 1 worker), ours with `--resize fast`: not the same pixels',
    ours: OURS_FAST,
    ...AS_SHIPPED,
  },
  {
    title: 'raw pictures, equal pixels: Triton itself (Python BLS, 2 instances, malloc tuned)',
    ours: [
      ['ours-http', 'raw'],
      ['ours-http', 'v2'],
      ['ours-batching', 'raw'],
    ],
    peer: ['triton-bls', 'bls'],
    least: { cifar: 1, vga: 1.4, hd: 1.5, vga8: 1.4 },
  },
];

/** What ours are to keep within: memory after load, p99 of the health check under load, the start. */
export const LIMITS = { rssMiB: 200, healthP99Ms: 20, readyMs: 600 };

/** The pictures' names in words, in the order of the tables. */
export const BODY_TITLES = { cifar: '32×32', vga: '640×480', hd: '1920×1080', vga8: '8 × 640×480' };

/** Where the targets hold: 8 clients, and 32 for the smallest picture. */
const POINTS = [
  ['cifar', 8],
  ['cifar', 32],
  ['vga', 8],
  ['hd', 8],
  ['vga8', 8],
];

/** Median, least and greatest of one of a cell's figures; undefined when there is no such run. */
export function cell(runs, [server, kind], { body, clients }, figure) {
  const values = runs
    .filter((run) => run.server === server && run.kind === kind && run.body === body && run.clients === clients)
    .map((run) => run[figure]);
  return values.length === 0 ? undefined : spread(values);
}

/**
 * Each target that was measured: the ratio of the medians of requests a second, and of the CPU time that a request takes
 * of the whole machine. Of several ways of ours the one with the most requests counts.
 */
export function ratios(runs) {
  return COLUMNS.flatMap((column) =>
    POINTS.flatMap(([body, clients]) => {
      const point = { body, clients };
      const peer = medians(runs, column.peer, point);
      const best = bestOf(runs, column.ours, point);
      if (peer === undefined || best === undefined) return [];
      return [
        {
          title: column.title,
          ...point,
          way: best.way,
          ratio: best.callsPerSecond / peer.callsPerSecond,
          cpuRatio: peer.machineCpuMsPerCall / best.machineCpuMsPerCall,
          least: column.least[body],
          aim: column.aim?.[body],
          isDisturbed: best.isDisturbed || peer.isDisturbed,
        },
      ];
    }),
  );
}

/** Ours beside each peer that has no target, at every picture and number of clients that both were measured with. */
export function furtherRatios(runs) {
  const peers = Object.entries(SERVERS).filter(([, { isExtra }]) => isExtra);
  return peers.flatMap(([server, { kinds }]) =>
    Object.keys(BODY_TITLES).flatMap((body) =>
      [...new Set(runs.map(({ clients }) => clients))].flatMap((clients) => {
        const point = { body, clients };
        const peer = medians(runs, [server, kinds[0]], point);
        const own = bestOf(runs, COLUMNS[0].ours, point);
        if (peer === undefined || own === undefined) return [];
        const { callsPerSecond, isDisturbed } = peer;
        const ratio = own.callsPerSecond / callsPerSecond;
        return [{ server, ...point, callsPerSecond, ratio, isDisturbed: isDisturbed || own.isDisturbed }];
      }),
    ),
  );
}

/** Of several ways of ours the one with the most requests; undefined where none was measured. */
function bestOf(runs, ways, point) {
  const measured = ways.map((way) => medians(runs, way, point)).filter((way) => way !== undefined);
  if (measured.length === 0) return undefined;
  return measured.reduce((left, right) => (right.callsPerSecond > left.callsPerSecond ? right : left));
}

function medians(runs, way, point) {
  const [callsPerSecond, machineCpuMsPerCall, othersCores] = [
    'callsPerSecond',
    'machineCpuMsPerCall',
    'othersCores',
  ].map((figure) => cell(runs, way, point, figure));
  if (callsPerSecond === undefined) return undefined;
  return {
    way: way.join(' '),
    callsPerSecond: callsPerSecond.median,
    machineCpuMsPerCall: machineCpuMsPerCall.median,
    isDisturbed: othersCores.max > MAX_OTHERS_CORES,
  };
}
