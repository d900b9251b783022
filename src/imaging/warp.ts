import { internalError } from '../errors.js';
import type { Affine } from './affine.js';
import { axisTaps } from './axis-taps.js';
import { applyHomography, type Homography, isHomography, quadArea } from './homography.js';
import type { Picture } from './picture.js';
import { roundHalfEven } from './round-half-even.js';
import { sampleProjected } from './sample-projected.js';
import { createBatch, createPixelSink, type SampleSpec, type Sink, storeLine } from './sample-spec.js';
import { sampleUpright } from './sample-upright.js';

/** A part of a picture that becomes one entry of a batch. */
export interface WarpCrop {
  readonly picture: Picture;
  /** From output pixels to the picture's, as `cropMap`, `letterbox`, an inverted `similarity` or `quadMap` give it. */
  readonly map: Affine | Homography;
  /** The part of the output, from its upper left corner, that is sampled; the rest is the spec's `fill`. Default: all. */
  readonly regionWidthPx?: number;
  readonly regionHeightPx?: number;
}

/** The part of the output that is sampled. */
interface OutputSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** What `warpBatch` is given; plain data, so that it can cross to a worker thread. */
export interface WarpBatchInput {
  readonly crops: readonly WarpCrop[];
  readonly spec: SampleSpec;
}

/** Maps that shrink by more than this average several samples for each output pixel. */
const SUPERSAMPLE_ABOVE = 1.5;
const MAX_SAMPLES = 8;

/**
 * Samples each crop into one `[N, C, H, W]` float32 batch, in one pass from the decoded pixels.
 *
 * Bilinear, pixel centres at +0.5 (output pixel j samples j + 0.5, source pixel i covers [i, i + 1)), edge pixels
 * repeated. A map that shrinks by more than 1.5 averages n x n evenly spaced samples, n = its scale rounded, at most 8.
 * @throws ServiceError `internal` when a map is not finite
 */
export function warpBatch({ crops, spec }: WarpBatchInput): Float32Array {
  const { data, sinks } = createBatch(spec, crops.length);
  sinks.forEach((sink, i) => {
    const crop = crops[i];
    if (crop === undefined) return;
    const { picture, map, regionWidthPx = spec.widthPx, regionHeightPx = spec.heightPx } = crop;
    if (regionWidthPx < spec.widthPx || regionHeightPx < spec.heightPx) fillAll(spec, sink);
    warpInto(picture, { map, widthPx: regionWidthPx, heightPx: regionHeightPx }, sink);
  });
  return data;
}

/** `warpBatch` as a job for a worker pool. */
export const warpBatchJob = { module: import.meta.url, name: 'warpBatch', run: warpBatch } as const;

/**
 * Samples one crop into plain pixels for statistics, `[H, W, 3]` float32, RGB, 0..255, as `warpBatch` does.
 * @throws ServiceError `internal` when the map is not finite
 */
export function warpPixels(
  picture: Picture,
  map: Affine | Homography,
  widthPx: number,
  heightPx: number,
): Float32Array {
  const sink = createPixelSink(widthPx, heightPx);
  warpInto(picture, { map, widthPx, heightPx }, sink);
  return sink.data;
}

/**
 * How many samples in each direction are averaged for one output pixel: 1 where the map hardly shrinks. A homography shrinks
 * as much as it does on average over the output.
 */
export function warpSamples(map: Affine | Homography, output: OutputSize): number {
  const scale = Math.sqrt(Math.abs(isHomography(map) ? meanArea(map, output) : map[0] * map[4] - map[1] * map[3]));
  return scale > SUPERSAMPLE_ABOVE ? Math.min(MAX_SAMPLES, roundHalfEven(scale)) : 1;
}

/** The area of a source that an output pixel covers, on average. */
function meanArea(map: Homography, { widthPx, heightPx }: OutputSize): number {
  const [first, second, third, fourth] = applyHomography(map, [
    [0, 0],
    [widthPx, 0],
    [widthPx, heightPx],
    [0, heightPx],
  ]);
  if (first === undefined || second === undefined || third === undefined || fourth === undefined) return NaN;
  return quadArea([first, second, third, fourth]) / (widthPx * heightPx);
}

function warpInto(picture: Picture, output: OutputSize & { map: Affine | Homography }, sink: Sink): void {
  const { map, widthPx, heightPx } = output;
  if (!map.every(Number.isFinite)) {
    throw internalError(new RangeError(`the map [${map.join(', ')}] is not finite`));
  }
  const samples = warpSamples(map, output);
  if (isHomography(map)) {
    sampleProjected(picture, { map, widthPx, heightPx, samples }, sink);
    return;
  }
  const [a, b, tx, c, d, ty] = map;
  if (b !== 0 || c !== 0) {
    sampleProjected(picture, { map: [...map, 0, 0, 1], widthPx, heightPx, samples }, sink);
    return;
  }
  const columns = axisTaps({ scale: a, shift: tx, outLength: widthPx, sourceLength: picture.widthPx, samples });
  const rows = axisTaps({ scale: d, shift: ty, outLength: heightPx, sourceLength: picture.heightPx, samples });
  sampleUpright(picture, { columns, rows }, sink);
}

function fillAll(spec: SampleSpec, sink: Sink): void {
  const line = new Float64Array(spec.widthPx * 3).fill(spec.fill ?? 0);
  for (let row = 0; row < spec.heightPx; row++) storeLine(sink, row, line);
}
