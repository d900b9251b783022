import Table from 'cli-table3';
import { COMPONENT_WEIGHTS, type ResponseItem } from 'common-data-type';
import type { ClientError } from './client-error.js';
import { printable } from './printable.js';
import type { PictureResult } from './score-many.js';
import { countFaces } from './summary.js';

const HEAD = ['file', 'size', 'faces', 'quality', 'yaw/pitch/roll', 'live', 'weakest'];
const WEAKEST_SHOWN = 2;
/** No lines but one under the head, so that the table can be searched and cut by other tools. */
const BORDERS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', right: '', 'right-mid': '', mid: '', 'mid-mid': '', middle: ' ' },
};

/** The results as a table: one row per face, with the picture's name on the first. */
export function toTable(results: readonly PictureResult[]): string {
  const table = new Table({ head: HEAD, chars: BORDERS, style: { head: [], border: [], compact: true } });
  for (const result of results) {
    if (result.error !== undefined) {
      // The last column is the one that may be long without widening the others.
      table.push([printable(result.picture.name), '', '', '', '', '', errorText(result.error)]);
      continue;
    }
    const { data, extra_info: info } = result.response;
    const isSizeKnown = info?.width !== undefined && info.height !== undefined;
    const size = isSizeKnown ? `${info.width}×${info.height}` : '';
    const faces = info?.chain === 'simple' ? '' : String(countFaces(result));
    const rows = data.map((item) => [quality(item), pose(item), live(item), weakest(item)]);
    rows.forEach((row, index) =>
      table.push([...(index === 0 ? [printable(result.picture.name), size, faces] : ['', '', '']), ...row]),
    );
  }
  // The last column is padded as well, for a border that is not drawn.
  return table.toString().replace(/ +$/gm, '');
}

/** What went wrong with a picture, on one line. */
export function errorText({ status, code, message }: ClientError): string {
  const kind = code ?? (status === undefined ? undefined : `HTTP ${status}`);
  return oneLine(`error: ${message}${kind === undefined ? '' : ` (${kind})`}`);
}

/** The quality of 0..100; where there is only a score, as with the simple chain, that. */
function quality(item: ResponseItem): string {
  return item.quality === undefined ? item.score.toFixed(3) : String(item.quality);
}

function pose({ pose }: ResponseItem): string {
  return pose === undefined
    ? ''
    : [pose.yaw, pose.pitch, pose.roll].map((degrees) => String(Math.round(degrees))).join(' / ');
}

function live({ liveness }: ResponseItem): string {
  return liveness === undefined ? '' : liveness.live.toFixed(2);
}

/** The components that cost the unified score most, else the reason why there is no score. */
function weakest(item: ResponseItem): string {
  if (item.components === undefined) return oneLine(item.reason ?? '');
  return Object.entries(item.components)
    .map(([name, value]) => ({ name, value, loss: lossOf(name, value) }))
    .filter(({ loss }) => loss > 0)
    .sort((a, b) => b.loss - a.loss)
    .slice(0, WEAKEST_SHOWN)
    .map(({ name, value }) => `${oneLine(name)} ${value.toFixed(0)}`)
    .join(', ');
}

/** How much a component lowers the logarithm of the weighted geometric mean; a value below 1 counts as 1 there. */
function lossOf(name: string, value: number): number {
  const weights: Readonly<Record<string, number>> = COMPONENT_WEIGHTS;
  return (weights[name] ?? 0) * Math.log(100 / Math.max(1, value));
}

/** Without control characters, which a terminal would obey. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
