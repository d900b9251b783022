import type { Plate } from './answer.js';

/** What of a plate says how it is laid out. */
export type PlateText = Pick<Plate, 'shape' | 'region' | 'symbol' | 'serial' | 'text'>;

/**
 * The lines of a plate as they stand on it. With two lines the upper one has the region and the number of the class, the
 * lower one symbol and serial; without a region the symbol stands above as well, and the serial alone below.
 */
export function plateLines(plate: PlateText): readonly [string] | readonly [string, string] {
  const { shape, region, symbol, serial } = plate;
  const number = classNumber(plate);
  if (!shape.startsWith('two')) return [spaced(region, `${number}${symbol}`, serial)];
  return region === '' ? [`${number}${symbol}`, serial] : [spaced(region, number), spaced(symbol, serial)];
}

/** The digits between region and symbol, which stand in the plate's text alone. */
function classNumber({ region, symbol, serial, text }: PlateText): string {
  const letters = text.replace(/\s+/g, '');
  const end = `${symbol}${serial}`;
  return letters.startsWith(region) && letters.endsWith(end)
    ? letters.slice(region.length, -end.length || undefined)
    : '';
}

function spaced(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}
