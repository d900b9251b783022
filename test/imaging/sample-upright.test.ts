import fc from 'fast-check';
import { type AxisTaps, axisTaps } from '../../src/imaging/axis-taps.js';
import type { Picture } from '../../src/imaging/picture.js';
import { createBatch, createPixelSink, type Sink } from '../../src/imaging/sample-spec.js';
import { sampleUpright } from '../../src/imaging/sample-upright.js';
import { largestDifference, patternPicture } from '../helpers/imaging-fixtures.js';

/** A pixel by its definition: the sum over all pairs of a row's and a column's tap. */
function pixelAt(picture: Picture, taps: { columns: AxisTaps; rows: AxisTaps }, [x, y]: [number, number]): number[] {
  return [0, 1, 2].map((channel) => {
    let sum = 0;
    for (let row = taps.rows.starts[y] ?? 0; row < (taps.rows.starts[y + 1] ?? 0); row++) {
      for (let column = taps.columns.starts[x] ?? 0; column < (taps.columns.starts[x + 1] ?? 0); column++) {
        const at =
          ((taps.rows.sources[row] ?? 0) * picture.widthPx + (taps.columns.sources[column] ?? 0)) * 3 + channel;
        const weight = (taps.rows.weights[row] ?? NaN) * (taps.columns.weights[column] ?? NaN);
        sum += weight * (picture.data[at] ?? NaN);
      }
    }
    return sum;
  });
}

const MEAN = [100.5, 90, 80];
const STD = [57, 58, 59];
const SINKS: Record<string, (widthPx: number, heightPx: number) => Sink | undefined> = {
  pixels: createPixelSink,
  planes: (widthPx, heightPx) => createBatch({ widthPx, heightPx, channels: 'rgb', mean: MEAN, std: STD }, 2).sinks[1],
  grey: (widthPx, heightPx) =>
    createBatch({ widthPx, heightPx, channels: 'grey', mean: [100.5], std: [57] }, 2).sinks[1],
};

/** What the sink is to hold of the picture, by pixelAt. */
function expected(picture: Picture, taps: { columns: AxisTaps; rows: AxisTaps }, sink: Sink): Float32Array {
  const data = new Float32Array(sink.data.length);
  for (let y = 0; y + 1 < taps.rows.starts.length; y++) {
    for (let x = 0; x + 1 < taps.columns.starts.length; x++) {
      const rgb = pixelAt(picture, taps, [x, y]);
      const [r = NaN, g = NaN, b = NaN] = rgb;
      const values = sink.isGrey ? [0.299 * r + 0.587 * g + 0.114 * b] : rgb;
      values.forEach((value, channel) => {
        const at = sink.start + y * sink.rowStride + x * sink.pixelStride + channel * sink.channelStride;
        data[at] = value * (sink.scale[channel] ?? NaN) + (sink.shift[channel] ?? NaN);
      });
    }
  }
  return data;
}

describe('sampleUpright()', () => {
  const axis = (sourceLength: number) =>
    fc.record({
      scale: fc.double({ min: 0, max: 12, noNaN: true }),
      shift: fc.double({ min: -20, max: sourceLength, noNaN: true }),
      outLength: fc.integer({ min: 1, max: 12 }),
      samples: fc.integer({ min: 1, max: 8 }),
      sourceLength: fc.constant(sourceLength),
    });

  it.each(Object.keys(SINKS))('gives the weighted sums of both axes’ taps, in %s', (kind) => {
    const anyCase = fc
      .tuple(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 90 }))
      .chain(([widthPx, heightPx]) => fc.tuple(axis(widthPx), axis(heightPx), fc.boolean()));
    fc.assert(
      fc.property(anyCase, ([across, down, isShared]) => {
        const { widthPx, heightPx, data } = patternPicture(across.sourceLength, down.sourceLength);
        const memory = isShared
          ? new Uint8Array(new SharedArrayBuffer(data.length + 3))
          : new Uint8Array(data.length + 3);
        memory.set(data, 3);
        const picture = { widthPx, heightPx, data: memory.subarray(3) };
        const taps = { columns: axisTaps(across), rows: axisTaps(down) };
        const sink = SINKS[kind]?.(across.outLength, down.outLength);
        if (sink === undefined) throw new Error(`there is no sink ${kind}`);
        sampleUpright(picture, taps, sink);
        expect(largestDifference(sink.data, expected(picture, taps, sink))).toBeLessThan(1e-3);
      }),
      { numRuns: 60 },
    );
  });

  it('takes columns that lie far apart, and more rows than it keeps', () => {
    const picture = patternPicture(1000, 300);
    const taps = {
      columns: axisTaps({ scale: 100, shift: 7, outLength: 10, sourceLength: 1000, samples: 2 }),
      rows: axisTaps({ scale: -1, shift: 290, outLength: 280, sourceLength: 300, samples: 1 }),
    };
    const sink = createPixelSink(10, 280);
    sampleUpright(picture, taps, sink);
    expect(largestDifference(sink.data, expected(picture, taps, sink))).toBeLessThan(1e-3);
  });
});
