import { softmax } from '../softmax.js';
import type { Token } from './alphabet.js';
import type { PlateText } from './plate.js';

/** How rows of logits become characters. */
export type Decoding = 'places' | 'ctc';

/** The most likely token of a row. */
interface ReadToken extends Token {
  readonly confidence: number;
}

const BLANK: Token = { kind: 'blank', text: '' };

/**
 * Reads rows of logits, one logit for each token of the alphabet.
 *
 * `places`: each row is a place of the plate, and a blank one holds nothing. `ctc`: each row is a column of the plate;
 * the best path is taken, in which neighbouring rows of the same token are one character, as likely as the likeliest of
 * them, and blanks part equal characters (Graves et al., "Connectionist Temporal Classification", 2006, 3.2).
 */
export function decodeCharacters(
  logits: Float32Array,
  { alphabet, decoding }: { readonly alphabet: readonly Token[]; readonly decoding: Decoding },
): PlateText {
  const rows = Array.from({ length: logits.length / alphabet.length }, (_, row) =>
    likeliest(logits.subarray(row * alphabet.length, (row + 1) * alphabet.length), alphabet),
  );
  const tokens = (decoding === 'ctc' ? mergeRepeats(rows) : rows).filter(({ kind }) => kind !== 'blank');
  return {
    ...partsOf(tokens),
    text: textOf(tokens),
    confidence: rows.reduce((product, { confidence }) => product * confidence, 1),
    characters: tokens.flatMap(({ text, confidence }) => Array.from(text, (char) => ({ char, confidence }))),
  };
}

/** The symbol is the last one read, the serial the digits behind it. */
function partsOf(tokens: readonly ReadToken[]): Pick<PlateText, 'region' | 'symbol' | 'serial'> {
  const at = tokens.findLastIndex(({ kind }) => kind === 'symbol');
  return {
    region: tokens.find(({ kind }) => kind === 'region')?.text ?? '',
    symbol: tokens[at]?.text ?? '',
    serial: at === -1 ? '' : textOf(tokens.slice(at + 1).filter(({ kind }) => kind === 'digit')),
  };
}

function textOf(tokens: readonly ReadToken[]): string {
  return tokens.map(({ text }) => text).join('');
}

function mergeRepeats(rows: readonly ReadToken[]): ReadToken[] {
  const merged: ReadToken[] = [];
  for (const row of rows) {
    const last = merged.at(-1);
    if (last?.kind !== row.kind || last.text !== row.text) merged.push(row);
    else if (row.confidence > last.confidence) merged[merged.length - 1] = row;
  }
  return merged;
}

/** The token of the highest logit, the first among equals, and its share of the softmax. */
function likeliest(logits: Float32Array, alphabet: readonly Token[]): ReadToken {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if ((logits[i] ?? 0) > (logits[best] ?? 0)) best = i;
  return { ...(alphabet[best] ?? BLANK), confidence: softmax(logits)[best] ?? 0 };
}
