/** docs/benchmarks.svg, and benchmarks-all.svg of a run with all peers: requests a second of each server at 8 clients, a panel for each picture. */
import { BODY_TITLES, cell } from './targets.mjs';

const WIDTH = 860;
const LABELS = 190;
const ROW = 20;
const TITLE = 34;
const CLIENTS = 8;

/** Readable on light and on dark ground. */
const COLOURS = { ours: '#2f81f7', peer: '#8b949e', text: '#7d8590' };

/**
 * @param {Pick<import('./results.mjs').Results, 'runs'>} results
 * @returns {string} SVG
 */
export function chart({ runs }) {
  let y = 10;
  const parts = [];
  for (const [body, title] of Object.entries(BODY_TITLES)) {
    const bars = barsOf(runs, body);
    if (bars.length === 0) continue;
    const most = Math.max(...bars.map(({ value }) => value));
    parts.push(text(0, y + 20, `${title}: requests a second, ${CLIENTS} clients`, 'font-weight="bold"'));
    y += TITLE;
    for (const { label, value, isOurs } of bars) {
      const length = ((WIDTH - LABELS - 70) * value) / most;
      parts.push(text(LABELS - 8, y + 14, label, 'text-anchor="end"'));
      parts.push(
        `<rect x="${LABELS}" y="${y + 3}" width="${length.toFixed(1)}" height="${ROW - 6}" rx="2" fill="${isOurs ? COLOURS.ours : COLOURS.peer}"/>`,
      );
      parts.push(text(LABELS + length + 6, y + 14, value.toFixed(0)));
      y += ROW;
    }
    y += 12;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" font-family="system-ui, sans-serif" font-size="12">\n${parts.join('\n')}\n</svg>\n`;
}

function barsOf(runs, body) {
  const ways = [
    ...new Map(
      runs.filter((run) => run.body === body).map(({ server, kind }) => [`${server} ${kind}`, [server, kind]]),
    ).values(),
  ];
  return ways.flatMap(([server, kind]) => {
    const found = cell(runs, [server, kind], { body, clients: CLIENTS }, 'callsPerSecond');
    return found === undefined
      ? []
      : [{ label: `${server} ${kind}`, value: found.median, isOurs: server.startsWith('ours') }];
  });
}

function text(x, y, content, attributes = '') {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" fill="${COLOURS.text}" ${attributes}>${escaped}</text>`;
}
