/** What a token of the reader is. */
type TokenKind = 'blank' | 'digit' | 'symbol' | 'region';

/** A thing that the reader tells apart at one place of a plate. */
export interface Token {
  readonly kind: TokenKind;
  /** What stands on the plate: one character, or the syllables of a region; nothing for the blank. */
  readonly text: string;
}

/** The reader's tokens in the order of its logits: the blank, the digits from 0 to 9, the symbols, the regions. */
export function createAlphabet(symbols: readonly string[], regions: readonly string[]): readonly Token[] {
  return [
    { kind: 'blank', text: '' },
    ...Array.from('0123456789', (text) => ({ kind: 'digit', text }) as const),
    ...symbols.map((text) => ({ kind: 'symbol', text }) as const),
    ...regions.map((text) => ({ kind: 'region', text }) as const),
  ];
}
