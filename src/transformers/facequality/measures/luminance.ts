/** Linear-light weights of red, green and blue: Rec. ITU-R BT.709. */
const REC_709 = [0.2126, 0.7152, 0.0722] as const;

/** Weights of red, green and blue in luma: Rec. ITU-R BT.601. */
const REC_601 = [0.299, 0.587, 0.114] as const;

/** Made at first use: its 4081 powers take as long as the crop of a face. */
let lightTable: Float64Array | undefined;

/** Entries of the table of light between two whole pixel values: interpolating is then exact to 1e-5 of a level. */
const STEPS_PER_LEVEL = 16;

/**
 * Luminance as ISO/IEC 29794-5 measures it: linear-light Rec. 709 of sRGB pixels, in whole steps 0..255.
 * @param rgb `[N, 3]`, 0..255
 * @returns `[N]`
 */
export function luminance(rgb: Float32Array): Uint8Array {
  const table = (lightTable ??= createLightTable());
  const [weightR, weightG, weightB] = REC_709;
  const levels = new Uint8Array(rgb.length / 3);
  for (let i = 0, from = 0; i < levels.length; i++, from += 3) {
    const linear =
      weightR * linearLight(table, rgb[from] ?? 0) +
      weightG * linearLight(table, rgb[from + 1] ?? 0) +
      weightB * linearLight(table, rgb[from + 2] ?? 0);
    levels[i] = Math.min(255, Math.floor(linear * 255 + 0.5));
  }
  return levels;
}

/**
 * Rec. 601 luma.
 * @param rgb `[N, 3]`, 0..255
 * @returns `[N]`, 0..255
 */
export function luma(rgb: Float32Array): Float32Array {
  const levels = new Float32Array(rgb.length / 3);
  for (let i = 0, from = 0; i < levels.length; i++, from += 3) {
    levels[i] = lumaOf(rgb[from] ?? 0, rgb[from + 1] ?? 0, rgb[from + 2] ?? 0);
  }
  return levels;
}

/** Rec. 601 luma of one pixel, in the pixel's own range. */
export function lumaOf(red: number, green: number, blue: number): number {
  return REC_601[0] * red + REC_601[1] * green + REC_601[2] * blue;
}

/** Light 0..1 of a pixel value 0..255, between two entries of the table. */
function linearLight(table: Float64Array, value: number): number {
  const place = (value < 0 ? 0 : value > 255 ? 255 : value) * STEPS_PER_LEVEL;
  const below = place | 0;
  const light = table[below] ?? 0;
  return light + (place - below) * ((table[below + 1] ?? light) - light);
}

/** The sRGB transfer function backwards (IEC 61966-2-1) for all pixel values, fractions included. */
function createLightTable(): Float64Array {
  return Float64Array.from({ length: 255 * STEPS_PER_LEVEL + 1 }, (_, place) => {
    const signal = place / STEPS_PER_LEVEL / 255;
    return signal <= 0.04045 ? signal / 12.92 : ((signal + 0.055) / 1.055) ** 2.4;
  });
}
