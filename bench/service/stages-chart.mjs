/** docs/performance.svg: where the CPU time of a request goes, stacked, for each picture at 8 clients. */
import { BODY_TITLES, cell } from './targets.mjs';

const WIDTH = 860;
const LABELS = 200;
const ROW = 26;
const CLIENTS = 8;

/** Readable on light and on dark ground. */
const TEXT = '#7d8590';

/** The parts of a request's CPU time, in milliseconds, in the order in which they are stacked. */
const PARTS = [
  { title: 'decode and stretch', colour: '#2f81f7', of: ({ decode }) => decode },
  { title: 'the rest of the service', colour: '#a371f7', of: ({ server, decode }) => Math.max(0, server - decode) },
  { title: 'Triton', colour: '#3fb950', of: ({ triton }) => triton },
  { title: 'load generator', colour: '#8b949e', of: ({ generator }) => generator },
];

/** How many pictures of which kind are decoded for a body. */
const DECODED = { cifar: ['cifar', 1], vga: ['vga', 1], hd: ['hd', 1], vga8: ['vga', 8] };

/** One row for each picture and way of ours. */
export function stageRows({ runs, floors }) {
  return Object.keys(BODY_TITLES).flatMap((body) =>
    [
      ['ours-http', 'exact'],
      ['ours-fast', 'fast'],
    ].flatMap(([server, resize]) => {
      const figure = (name) => cell(runs, [server, 'v1'], { body, clients: CLIENTS }, name)?.median;
      const [picture, count] = DECODED[body];
      const decode = (floors.decode[picture]?.[resize] ?? NaN) * count;
      const costs = {
        decode,
        server: figure('serverCpuMsPerCall'),
        triton: figure('tritonCpuMsPerCall'),
        generator: figure('generatorCpuMsPerCall'),
      };
      if (costs.server === undefined) return [];
      return [
        {
          label: `${BODY_TITLES[body]}, ${resize}`,
          parts: PARTS.map(({ title, colour, of }) => ({ title, colour, ms: of(costs) })),
        },
      ];
    }),
  );
}

/** @returns {string} SVG; each bar is as long as its request's whole time */
export function stagesChart(results) {
  const legend = PARTS.map(({ title, colour }, i) => {
    const x = LABELS + i * 165;
    return `<rect x="${x}" y="8" width="12" height="12" fill="${colour}"/>${text(x + 18, 18, title)}`;
  });
  const bars = stageRows(results).map(({ label, parts }, row) => {
    const y = 34 + row * ROW;
    const total = parts.reduce((sum, { ms }) => sum + ms, 0);
    let x = LABELS;
    const pieces = parts.map(({ colour, ms }) => {
      const length = ((WIDTH - LABELS - 80) * ms) / total;
      const piece = `<rect x="${x.toFixed(1)}" y="${y}" width="${length.toFixed(1)}" height="${ROW - 8}" fill="${colour}"/>`;
      x += length;
      return piece;
    });
    return `${text(LABELS - 8, y + 13, label, 'text-anchor="end"')}${pieces.join('')}${text(x + 6, y + 13, `${total.toFixed(2)} ms`)}`;
  });
  const height = 44 + bars.length * ROW;
  const font = 'font-family="system-ui, sans-serif" font-size="12"';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" ${font}>\n${[...legend, ...bars].join('\n')}\n</svg>\n`;
}

function text(x, y, content, attributes = '') {
  return `<text x="${x.toFixed(1)}" y="${y}" fill="${TEXT}" ${attributes}>${content}</text>`;
}
