import { type Attributions, scaledRows } from './answer.js';

/** Shades of what speaks for the digit, and of what speaks against it, each from nothing to the strongest there is. */
const FOR = [' ', '░', '▒', '▓', '█'] as const;
const AGAINST = [' ', '.', '-', '=', '#'] as const;

/** What the characters of a map stand for. */
export const LEGEND = `${FOR.slice(1).join(' ')} speaks for the digit, ${AGAINST.slice(1).join(' ')} against it`;

/** A map in characters, which are twice as high as they are wide: each stands for the stronger of two values. */
export function toBlocks(attributions: Attributions): string {
  const rows = scaledRows(attributions);
  const lines = Array.from({ length: Math.ceil(rows.length / 2) }, (_, line) => {
    const [upper = [], lower = []] = rows.slice(2 * line, 2 * line + 2);
    const values = upper.map((value, column) => stronger(value, lower[column] ?? 0));
    return values.map(toShade).join('');
  });
  const width = rows[0]?.length ?? 0;
  const edge = '─'.repeat(width);
  return [`┌${edge}┐`, ...lines.map((line) => `│${line}│`), `└${edge}┘`].join('\n');
}

function stronger(a: number, b: number): number {
  return Math.abs(b) > Math.abs(a) ? b : a;
}

/** @param value −1..1 */
function toShade(value: number): string {
  const shades = value < 0 ? AGAINST : FOR;
  return shades[Math.round(Math.abs(value) * (shades.length - 1))] ?? ' ';
}
