import { internalError } from '../errors.js';

/** What a model expects of a picture: size, channels and scaling of its `[N, C, H, W]` float32 input. */
export interface SampleSpec {
  readonly widthPx: number;
  readonly heightPx: number;
  /** `rgb` gives three planes, `grey` one of Rec. 601 luma (ITU-R BT.601-7, 2.5.1) of the sampled RGB. */
  readonly channels: 'rgb' | 'grey';
  /** One per channel, in pixel values (0..255): value = (pixel − mean) / std. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** The pixel value, 0..255, of what lies outside a crop's region, such as letterbox bars; 0 when absent. */
  readonly fill?: number;
}

/** Where the samples of one picture are written, and how. */
export interface Sink {
  readonly data: Float32Array;
  /** The index of the first pixel's first channel. */
  readonly start: number;
  readonly pixelStride: number;
  readonly rowStride: number;
  readonly channelStride: number;
  readonly isGrey: boolean;
  /** Per channel: value = pixel · scale + shift. */
  readonly scale: readonly [number, number, number];
  readonly shift: readonly [number, number, number];
}

/** Allocates the `[pictures, C, H, W]` batch of a spec, and a sink for each picture in it. */
export function createBatch(spec: SampleSpec, pictures: number): { data: Float32Array; sinks: readonly Sink[] } {
  const { widthPx, heightPx, mean, std } = spec;
  const isGrey = spec.channels === 'grey';
  const channels = isGrey ? 1 : 3;
  if (mean.length !== channels || std.length !== channels) {
    throw internalError(new RangeError(`${mean.length} means and ${std.length} deviations for ${channels} channels`));
  }
  const plane = widthPx * heightPx;
  const data = new Float32Array(pictures * channels * plane);
  const scale = perChannel((c) => 1 / (std[c] ?? 1));
  const shift = perChannel((c) => -(mean[c] ?? 0) / (std[c] ?? 1));
  const layout = { data, pixelStride: 1, rowStride: widthPx, channelStride: plane, isGrey, scale, shift };
  const sinks = Array.from({ length: pictures }, (_, i) => ({ ...layout, start: i * channels * plane }));
  return { data, sinks };
}

/** A sink for plain pixels, `[H, W, 3]`, RGB, 0..255. */
export function createPixelSink(widthPx: number, heightPx: number): Sink {
  return {
    data: new Float32Array(widthPx * heightPx * 3),
    start: 0,
    pixelStride: 3,
    rowStride: widthPx * 3,
    channelStride: 1,
    isGrey: false,
    scale: [1, 1, 1],
    shift: [0, 0, 0],
  };
}

/**
 * Writes the first pixels of an output row.
 * @param line interleaved RGB, 0..255
 */
export function storeLine(sink: Sink, row: number, line: Float64Array): void {
  const { data, pixelStride, channelStride, isGrey } = sink;
  const [scaleR, scaleG, scaleB] = sink.scale;
  const [shiftR, shiftG, shiftB] = sink.shift;
  for (let from = 0, to = sink.start + row * sink.rowStride; from < line.length; from += 3, to += pixelStride) {
    const r = line[from] ?? 0;
    const g = line[from + 1] ?? 0;
    const b = line[from + 2] ?? 0;
    if (isGrey) {
      data[to] = (0.299 * r + 0.587 * g + 0.114 * b) * scaleR + shiftR;
    } else {
      data[to] = r * scaleR + shiftR;
      data[to + channelStride] = g * scaleG + shiftG;
      data[to + 2 * channelStride] = b * scaleB + shiftB;
    }
  }
}

/**
 * Writes whole pictures that have the size of the sink.
 * @param pixels interleaved RGB, 8 bits each
 */
export function storePixels(sink: Sink, pixels: Uint8Array): void {
  const { data, start, pixelStride, channelStride, scale, shift } = sink;
  if (sink.isGrey) {
    const line = Float64Array.from(pixels);
    storeLine(sink, 0, line);
    return;
  }
  const red = scaledBytes(scale[0], shift[0]);
  const green = scaledBytes(scale[1], shift[1]);
  const blue = scaledBytes(scale[2], shift[2]);
  for (let from = 0, to = start; from < pixels.length; from += 3, to += pixelStride) {
    data[to] = red[pixels[from] ?? 0] ?? 0;
    data[to + channelStride] = green[pixels[from + 1] ?? 0] ?? 0;
    data[to + 2 * channelStride] = blue[pixels[from + 2] ?? 0] ?? 0;
  }
}

/** A process has few models, of one to three scalings each. */
const KEPT_SCALINGS = 64;

const scalings = new Map<string, Float32Array>();

/** What each value of a byte becomes. */
function scaledBytes(scale: number, shift: number): Float32Array {
  const key = `${scale} ${shift}`;
  const known = scalings.get(key);
  if (known !== undefined) return known;
  const values = Float32Array.from({ length: 256 }, (_, byte) => byte * scale + shift);
  if (scalings.size >= KEPT_SCALINGS) scalings.clear();
  scalings.set(key, values);
  return values;
}

function perChannel(value: (channel: number) => number): [number, number, number] {
  return [value(0), value(1), value(2)];
}
