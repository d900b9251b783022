/** Where BERT's tokeniser divides whatever stands around: all marks that it takes for punctuation. */
const MARK = String.raw`\p{P}!-\/:-@\[-\x60\{-~`;

/** White space as BERT has it; marks of order and joiners are none, and belong to their word. */
const SPACE = String.raw`\t\n\r\p{Zs}\u2028\u2029`;

/** CJK's ideographs of the basic plane, each of which is a word of its own. */
const IDEOGRAPH = String.raw`\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff`;

/**
 * Finds the words of a text, none of which shares a token of BERT's with its neighbours: what stands between white space,
 * without the marks before and behind it (`don't`, `3.14`, `state-of-the-art` are one word), the runs of these marks,
 * and single ideographs.
 * @param options.splitsIdeographs whether the tokeniser divides between ideographs
 * @param options.wholes texts that are one token by themselves: `[MASK]`
 */
export function createWordPattern(options: {
  readonly splitsIdeographs: boolean;
  readonly wholes: readonly string[];
}): RegExp {
  const ideograph = options.splitsIdeographs ? IDEOGRAPH : '';
  const wholes = options.wholes.map((whole) => whole.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`));
  // A whole ends what is before it, be it in the middle of marks.
  const stop = wholes.length === 0 ? '' : `(?!${wholes.join('|')})`;
  const letter = `${stop}[^${MARK}${SPACE}${ideograph}]`;
  const marks = `(?:${stop}[${MARK}])+`;
  const word = `${letter}(?:${letter}|${marks}(?=${letter}))*`;
  const alternatives = [...wholes, word, marks, ...(ideograph === '' ? [] : [`[${ideograph}]`])];
  return new RegExp(alternatives.join('|'), 'gu');
}
