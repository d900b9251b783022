import { Buffer } from 'node:buffer';
import { Http2Fault } from './http2-fault.js';

/**
 * The symbols that have codes of each length, in bits (RFC 7541, Appendix B). The code is canonical: codes count up from
 * zeros, by length and, within one length, by symbol.
 */
const SYMBOLS_BY_LENGTH: Readonly<Record<number, string>> = {
  5: '012aceiost',
  6: ' %-./3456789=A_bdfghlmnpru',
  7: ':BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz',
  8: '&*,;XZ',
  10: '!"()?',
  11: "'+|",
  12: '#>',
  13: '\0$@[]~',
  14: '^}',
  15: '<`{',
  19: '\\\xc3\xd0',
  20: '\x80\x82\x83\xa2\xb8\xc2\xe0\xe2',
  21: '\x99\xa1\xa7\xac\xb0\xb1\xb3\xd1\xd8\xd9\xe3\xe5\xe6',
  22: '\x81\x84\x85\x86\x88\x92\x9a\x9c\xa0\xa3\xa4\xa9\xaa\xad\xb2\xb5\xb9\xba\xbb\xbd\xbe\xc4\xc6\xe4\xe8\xe9',
  23: '\x01\x87\x89\x8a\x8b\x8c\x8d\x8f\x93\x95\x96\x97\x98\x9b\x9d\x9e\xa5\xa6\xa8\xae\xaf\xb4\xb6\xb7\xbc\xbf\xc5\xe7\xef',
  24: '\t\x8e\x90\x91\x94\x9f\xab\xce\xd7\xe1\xec\xed',
  25: '\xc7\xcf\xea\xeb',
  26: '\xc0\xc1\xc8\xc9\xca\xcd\xd2\xd5\xda\xdb\xee\xf0\xf2\xf3\xff',
  27: '\xcb\xcc\xd3\xd4\xd6\xdd\xde\xdf\xf1\xf4\xf5\xf6\xf7\xf8\xfa\xfb\xfc\xfd\xfe',
  28: '\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x11\x12\x13\x14\x15\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f\xdc\xf9',
  30: '\n\r\x16',
};

/** A text is filled up to whole bytes with fewer than 8 ones (5.2). */
const MAX_PADDING_BITS = 7;

const STEP_BITS = 4;
const STEPS = 1 << STEP_BITS;

/** What four bits lead to: the next state in the low byte, above it 1 + the symbol that ended, or 0 where none did. */
const SYMBOL_SHIFT = 8;
const STATE_MASK = 0xff;
const WRONG = -1;

interface Decoding {
  /** By state and four bits. No code is shorter than four bits, so that at most one symbol ends in them. */
  readonly steps: Int32Array;
  /** The states that a text may end in: those between symbols and within padding. */
  readonly ends: ReadonlySet<number>;
}

let decoding: Decoding | undefined;

/**
 * Reads a text of Huffman's code (RFC 7541, 5.2); its bytes are those of latin1.
 * @throws Http2Fault `compressionError` when it holds the end's symbol or its padding is wrong
 */
export function decodeHuffman(bytes: Buffer, start: number, end: number): string {
  const { steps, ends } = (decoding ??= prepare());
  // Codes have five bits at least.
  const text = Buffer.allocUnsafe(Math.floor(((end - start) * 8) / 5));
  let length = 0;
  let state = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes.readUInt8(at);
    for (const nibble of [byte >> STEP_BITS, byte & (STEPS - 1)]) {
      const step = steps[state * STEPS + nibble] ?? WRONG;
      if (step === WRONG) throw wrong();
      if (step > STATE_MASK) length = text.writeUInt8((step >> SYMBOL_SHIFT) - 1, length);
      state = step & STATE_MASK;
    }
  }
  if (!ends.has(state)) throw wrong();
  return text.toString('latin1', 0, length);
}

/** The code as a tree: a branch is the number of the next node, or a symbol as its complement (`~symbol`). */
type Tree = [zero: number | undefined, one: number | undefined][];

function prepare(): Decoding {
  const tree = buildTree();
  const steps = Int32Array.from({ length: tree.length * STEPS }, (_, index) =>
    follow(tree, Math.floor(index / STEPS), index % STEPS),
  );
  const ends = new Set([0]);
  for (let state = 0, bits = 0; bits < MAX_PADDING_BITS; bits++) {
    state = tree[state]?.[1] ?? 0;
    ends.add(state);
  }
  return { steps, ends };
}

function buildTree(): Tree {
  const tree: Tree = [[undefined, undefined]];
  let code = 0;
  let codeBits = 0;
  for (const [length, symbols] of Object.entries(SYMBOLS_BY_LENGTH)) {
    for (const symbol of symbols) {
      code <<= Number(length) - codeBits;
      codeBits = Number(length);
      insert(tree, { code, bits: codeBits, symbol: symbol.charCodeAt(0) });
      code++;
    }
  }
  return tree;
}

function insert(tree: Tree, { code, bits, symbol }: { code: number; bits: number; symbol: number }): void {
  let node = 0;
  for (let bit = bits - 1; bit > 0; bit--) {
    const branches = tree[node] ?? [undefined, undefined];
    const side = (code >> bit) & 1;
    node = branches[side] ??= tree.push([undefined, undefined]) - 1;
  }
  const branches = tree[node];
  if (branches !== undefined) branches[code & 1] = ~symbol;
}

/** Where four bits lead from a node. The end's symbol, all ones, is in no text, so that it has no branch. */
function follow(tree: Tree, state: number, nibble: number): number {
  let node = state;
  let ended = 0;
  for (let bit = STEP_BITS - 1; bit >= 0; bit--) {
    const branch = tree[node]?.[(nibble >> bit) & 1];
    if (branch === undefined) return WRONG;
    node = Math.max(branch, 0);
    if (branch < 0) ended = ~branch + 1;
  }
  return (ended << SYMBOL_SHIFT) | node;
}

function wrong(): Http2Fault {
  return new Http2Fault('compressionError', 'a text is no Huffman code');
}
