import type { ModelInfo } from '../../../predictor/predictor.js';
import type { ImageModel } from '../../image-model.js';
import { createAlphabet } from '../alphabet.js';
import { decodeCharacters } from '../decode-characters.js';
import { PLATE_SHAPES, type PlateShape } from '../labels.js';
import type { LicensePlateOptions } from '../options.js';
import type { PlateReading } from '../plate.js';
import { outputShape, pictureInput, unfit } from './described-model.js';

/** (x − 127.5) / 127.5 makes −1..1 of 0..255, as most networks for characters are trained (LPRNet, arXiv:1806.10447). */
const HALF = 127.5;

/** Reads a rectified plate. */
export type PlateReader = ImageModel<string, PlateReading>;

/**
 * The reader as the predictor describes it. It takes luma or RGB of a rectified plate, −1..1, and answers `characters`
 * [B, T, C], logits of the alphabet's C tokens in T rows, and, where it tells them apart, `shape` [B, 5], logits of the
 * shapes.
 * @throws ServiceError `upstream_error` when the model is not such a one, or does not have as many tokens as the options
 * say
 */
export function plateReader(
  info: ModelInfo,
  options: Pick<LicensePlateOptions, 'plate_symbols' | 'plate_regions' | 'plate_decoding'>,
): PlateReader {
  const { name: input, ...size } = pictureInput(info);
  const alphabet = createAlphabet(options.plate_symbols, options.plate_regions);
  const rows = outputShape(info, 'characters');
  if (rows?.length !== 2 || rows[1] !== alphabet.length) {
    const counts = `1 blank, 10 digits, ${options.plate_symbols.length} symbols, ${options.plate_regions.length} regions`;
    const received = rows === undefined ? 'none' : `[B,${rows.join(',')}]`;
    throw unfit(info.name, `output characters [B,T,${alphabet.length}] (${counts})`, received);
  }
  const shapes: Record<string, readonly number[]> = { characters: rows };
  if (outputShape(info, 'shape') !== undefined) shapes['shape'] = [PLATE_SHAPES.length];
  const scale = size.channels === 'rgb' ? [HALF, HALF, HALF] : [HALF];
  return {
    name: info.name,
    input,
    spec: { ...size, mean: scale, std: scale },
    outputs: shapes,
    read: ({ characters = NONE, shape }) => ({
      shape: shape === undefined ? 'unknown' : shapeOf(shape),
      ...decodeCharacters(characters, { alphabet, decoding: options.plate_decoding }),
    }),
  };
}

const NONE = new Float32Array(0);

/** The shape of the highest logit, the first among equals. */
function shapeOf(logits: Float32Array): PlateShape {
  return PLATE_SHAPES[logits.indexOf(Math.max(...logits))] ?? 'unknown';
}
