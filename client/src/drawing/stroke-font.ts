/**
 * Letters as strokes, so that a score is readable on machines without any font. Each glyph is a list of polylines on a
 * grid 4 wide and 6 high, written as pairs of digits `xy`, y downwards; a single point is a dot.
 */
const GLYPHS: Readonly<Record<string, string>> = {
  '0': '10 30 41 45 36 16 05 01 10',
  '1': '11 20 26|16 36',
  '2': '01 10 30 41 42 06 46',
  '3': '01 10 30 41 42 33 44 45 36 16 05|13 33',
  '4': '36 30 04 44',
  '5': '40 00 03 33 44 45 36 16 05',
  '6': '40 20 02 05 16 36 45 44 33 03',
  '7': '00 40 16',
  '8': '13 02 01 10 30 41 42 33 13 04 05 16 36 45 44 33',
  '9': '43 13 02 01 10 30 41 44 26 06',
  A: '06 02 20 42 46|04 44',
  B: '00 30 41 42 33 44 45 36 06 00|03 33',
  C: '41 30 10 01 05 16 36 45',
  D: '00 20 42 44 26 06 00',
  E: '40 00 06 46|03 33',
  F: '40 00 06|03 33',
  G: '41 30 10 01 05 16 36 45 43 23',
  H: '00 06|40 46|03 43',
  I: '10 30|20 26|16 36',
  J: '40 45 36 16 05',
  K: '00 06|40 03 46',
  L: '00 06 46',
  M: '06 00 23 40 46',
  N: '06 00 46 40',
  O: '10 30 41 45 36 16 05 01 10',
  P: '06 00 30 41 42 33 03',
  Q: '10 30 41 45 36 16 05 01 10|34 46',
  R: '06 00 30 41 42 33 03|23 46',
  S: '41 30 10 01 02 13 33 44 45 36 16 05',
  T: '00 40|20 26',
  U: '00 05 16 36 45 40',
  V: '00 26 40',
  W: '00 16 22 36 40',
  X: '00 46|40 06',
  Y: '00 23 40|23 26',
  Z: '00 40 06 46',
  '.': '26',
  ':': '22|25',
  '-': '13 33',
  _: '06 46',
  '/': '40 06',
  '?': '01 10 30 41 42 23 24|26',
};

const GLYPH_WIDTH = 4;
const GLYPH_HEIGHT = 6;
/** From the left edge of one glyph to that of the next. */
const ADVANCE = 6;

/** How wide {@link textPath} draws `text` at this height, in pixels. */
export function textWidth(text: string, heightPx: number): number {
  return (Math.max(0, text.length * ADVANCE - (ADVANCE - GLYPH_WIDTH)) * heightPx) / GLYPH_HEIGHT;
}

/**
 * The data of an SVG path that writes `text` in capitals; a character without a glyph, a space for one, stays blank.
 * To be drawn without fill, with round caps and joins.
 * @param at.x left edge of the first letter, pixels
 * @param at.y upper edge, pixels
 * @param at.heightPx height of the letters
 */
export function textPath(text: string, at: { x: number; y: number; heightPx: number }): string {
  const scale = at.heightPx / GLYPH_HEIGHT;
  const toPoint = (pair: string, index: number) => {
    const x = at.x + (index * ADVANCE + Number(pair[0])) * scale;
    const y = at.y + Number(pair[1]) * scale;
    return `${x.toFixed(2)} ${y.toFixed(2)}`;
  };
  const toPolylines = (letter: string, index: number) =>
    (GLYPHS[letter] ?? '')
      .split('|')
      .filter((polyline) => polyline !== '')
      // The "l0 0" makes a lone point a line of no length, which round caps turn into a dot.
      .map(
        (polyline) =>
          `M${polyline
            .split(' ')
            .map((pair) => toPoint(pair, index))
            .join('L')}l0 0`,
      );
  return Array.from(text.toUpperCase(), toPolylines).flat().join('');
}
