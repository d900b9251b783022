/** Letters that terminals give two columns: Hangul, Chinese and Japanese ones, and Latin ones of full width (UAX #11). */
const WIDE =
  /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;
/** Marks that stand on the letter before them. */
const COMBINING = /\p{Mark}/u;

/** How many columns of a terminal a text takes. */
export function columnsOf(text: string): number {
  return Array.from(text).reduce((sum, letter) => sum + (COMBINING.test(letter) ? 0 : WIDE.test(letter) ? 2 : 1), 0);
}

/** A text in the middle of so many columns; as it is where it is longer. */
export function centred(text: string, columns: number): string {
  const free = Math.max(0, columns - columnsOf(text));
  const before = Math.floor(free / 2);
  return `${' '.repeat(before)}${text}${' '.repeat(free - before)}`;
}
