import type { Box } from '../../imaging/boxes.js';
import type { Quad } from '../../imaging/homography.js';
import type { PlateShape } from './labels.js';

/** A plate that was found, in pixels of the upright picture. */
export interface FoundPlate {
  /** About its corners where these are known; may stand out of the picture. */
  readonly box: Box;
  /** Absent where the detector gives none, or none that enclose anything. */
  readonly corners?: Quad;
  /** 0..1 */
  readonly score: number;
}

/** A character of a plate. */
export interface PlateCharacter {
  readonly char: string;
  /** 0..1; the syllables of a region are read as one, and share theirs. */
  readonly confidence: number;
}

/** What stands on a plate. */
export interface PlateText {
  /** Empty where the plate names none. */
  readonly region: string;
  /** Empty where none was read. */
  readonly symbol: string;
  /** The digits behind the symbol. */
  readonly serial: string;
  /** All characters in order, the class number between region and symbol among them. */
  readonly text: string;
  /** How likely all of it is right, 0..1: the product over all places. */
  readonly confidence: number;
  readonly characters: readonly PlateCharacter[];
}

/** What the reader says of a plate. */
export interface PlateReading extends PlateText {
  readonly shape: PlateShape;
}

/** A plate that was found and read. */
export interface ReadPlate extends FoundPlate {
  readonly reading: PlateReading;
}
