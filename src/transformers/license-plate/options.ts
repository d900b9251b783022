import * as z from 'zod';
import { choice, decimal, integer, text } from '../../config/fields.js';
import { distinctWords } from '../../config/list-fields.js';
import { PLATE_REGIONS, PLATE_SYMBOLS } from './labels.js';

/** The flags of licence plates, under their names on the command line, in the environment (capitals) and in the file. */
export const licensePlateOptions = z.object({
  plate_detector: text("a model's name")
    .default('plate_detector')
    .describe('the model that finds plates: boxes, and their four corners where it gives them'),
  plate_reader: text("a model's name").default('plate_reader').describe('the model that reads a rectified plate'),
  plate_symbols: distinctWords()
    .default([...PLATE_SYMBOLS])
    .describe("the symbols that the reader tells apart, in its order: Hangul syllables, or another country's letters"),
  plate_regions: distinctWords()
    .default([...PLATE_REGIONS])
    .describe('the regions that the reader tells apart, in its order; none where plates name none'),
  plate_decoding: choice(['places', 'ctc'])
    .default('places')
    .describe(
      "how the reader's rows of logits become characters: places, a row for each place of a plate; ctc, a row for each column, repeated ones being one",
    ),
  plate_min_score: decimal({ min: 0, max: 1 })
    .default(0.4)
    .describe('the least score of the detector that counts as a plate, 0 to 1'),
  plate_max_iou: decimal({ min: 0, max: 1 })
    .default(0.3)
    .describe('two found boxes are one plate when their intersection over union is more, 0 to 1'),
  plate_margin: decimal({ min: 0, max: 0.5 })
    .default(0.04)
    .describe("how much around a plate the reader sees on each side, as a share of the plate's width and height"),
  plate_min_confidence: decimal({ min: 0, max: 1 })
    .default(0.1)
    .describe(
      "the least confidence of a reading that is answered, 0 to 1; most of the detector's false alarms read as less",
    ),
  plate_max_plates: integer({ min: 1, max: 1000 })
    .default(100)
    .describe('most plates read in one picture; of more, the largest are kept'),
});

/** The flags' values. */
export type LicensePlateOptions = z.output<typeof licensePlateOptions>;
