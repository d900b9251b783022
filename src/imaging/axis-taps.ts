/**
 * Which source pixels, with which weights, make each output pixel along one axis: output pixel i is the sum of
 * `weights[t]` · source pixel `sources[t]` for t from `starts[i]` to before `starts[i + 1]`; the weights add up to 1.
 */
export interface AxisTaps {
  readonly starts: Int32Array;
  readonly sources: Int32Array;
  readonly weights: Float64Array;
}

/**
 * The taps of bilinear sampling along one axis: pixel centres at +0.5, edge pixels repeated, `samples` evenly spaced
 * samples averaged for each output pixel.
 * @param axis.scale and `axis.shift`: source position = scale · output position + shift
 */
export function axisTaps(axis: {
  scale: number;
  shift: number;
  outLength: number;
  sourceLength: number;
  samples: number;
}): AxisTaps {
  const { scale, shift, outLength, sourceLength, samples } = axis;
  const starts = new Int32Array(outLength + 1);
  const sources = new Int32Array(outLength * samples * 2);
  const weights = new Float64Array(sources.length);
  let end = 0;

  const add = (first: number, source: number, weight: number) => {
    if (weight === 0) return;
    const clamped = Math.min(Math.max(source, 0), sourceLength - 1);
    let tap = first;
    while (tap < end && sources[tap] !== clamped) tap++;
    if (tap === end) end++;
    sources[tap] = clamped;
    weights[tap] = (weights[tap] ?? 0) + weight / samples;
  };

  for (let i = 0; i < outLength; i++) {
    const first = end;
    for (let sample = 0; sample < samples; sample++) {
      const position = scale * (i + (sample + 0.5) / samples) + shift - 0.5;
      const source = Math.floor(position);
      add(first, source, 1 - (position - source));
      add(first, source + 1, position - source);
    }
    starts[i + 1] = end;
  }
  return { starts, sources, weights };
}
