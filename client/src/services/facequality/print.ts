import { COMPONENT_WEIGHTS, type Response, type ResponseItem } from 'common-data-type';
import { resultTable } from '../../table.js';
import type { Answered, ServiceResult } from '../service.js';
import type { FaceShares } from './answer.js';

const WEAKEST_SHOWN = 2;
/** How many components' shares `--explain` shows of a face. */
const SHARES_SHOWN = 5;

/** The results as a table: one row per face, with the picture's name on the first. */
export function print(results: readonly ServiceResult<Response, readonly FaceShares[]>[]): string {
  const isExplained = results.some(({ answer }) => answer?.explanation !== undefined);
  return resultTable(results, {
    head: ['file', 'size', 'faces', 'quality', 'yaw/pitch/roll', 'live', isExplained ? 'lost by' : 'weakest'],
    rows: toRows,
  });
}

/** The faces that were found: items with a box. The simple chain looks for none. */
export function countFaces({ data }: Response): number {
  return data.filter((item) => item.box !== undefined).length;
}

function toRows({ prediction, explanation }: Answered<Response, readonly FaceShares[]>): string[][] {
  const { data, extra_info: info } = prediction;
  const isSizeKnown = info?.width !== undefined && info.height !== undefined;
  const size = isSizeKnown ? `${info.width}×${info.height}` : '';
  const faces = info?.chain === 'simple' ? '' : String(countFaces(prediction));
  return data.map((item, index) => {
    const last = explanation === undefined ? weakest(item) : lostBy(item, explanation[index]);
    const ofPicture = index === 0 ? [size, faces] : ['', ''];
    return [...ofPicture, quality(item), pose(item), live(item), last];
  });
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
  if (item.components === undefined) return item.reason ?? '';
  return Object.entries(item.components)
    .map(([name, value]) => ({ name, value, loss: lossOf(name, value) }))
    .filter(({ loss }) => loss > 0)
    .sort((a, b) => b.loss - a.loss)
    .slice(0, WEAKEST_SHOWN)
    .map(({ name, value }) => `${name} ${value.toFixed(0)}`)
    .join(', ');
}

/** What the components took from the score's logarithm, as the service says; the reason where there is no face. */
function lostBy(item: ResponseItem, shares: FaceShares | undefined): string {
  const largest = Object.entries(shares ?? {})
    .filter(([, share]) => share > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHARES_SHOWN);
  if (largest.length === 0) return item.reason ?? '';
  return largest.map(([name, share]) => `${name} ${share.toFixed(3)}`).join(', ');
}

/** How much a component lowers the logarithm of the weighted geometric mean; a value below 1 counts as 1 there. */
function lossOf(name: string, value: number): number {
  const weights: Readonly<Record<string, number>> = COMPONENT_WEIGHTS;
  return (weights[name] ?? 0) * Math.log(100 / Math.max(1, value));
}
