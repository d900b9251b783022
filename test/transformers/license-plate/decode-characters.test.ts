import { createAlphabet } from '../../../src/transformers/license-plate/alphabet.js';
import { decodeCharacters, type Decoding } from '../../../src/transformers/license-plate/decode-characters.js';

const ALPHABET = createAlphabet(['가', '나'], ['서울', '경기']);
/** ln 9 is 0.9 of a softmax over two tokens; here there are 15, all others of which have next to nothing. */
const NEXT_TO_NOTHING = -60;

/** Rows of logits, each of a text of the alphabet (`''` is the blank) and its share of the softmax. */
function rows(...read: readonly (readonly [text: string, share: number])[]): Float32Array {
  return Float32Array.from(
    read.flatMap(([text, share]) => {
      const at = ALPHABET.findIndex((token) => token.text === text);
      const other = at === 1 ? 2 : 1;
      return ALPHABET.map((_, i) => (i === at ? Math.log(share) : i === other ? Math.log(1 - share) : NEXT_TO_NOTHING));
    }),
  );
}

function decode(logits: Float32Array, decoding: Decoding = 'places') {
  return decodeCharacters(logits, { alphabet: ALPHABET, decoding });
}

describe('decodeCharacters(), by places', () => {
  it('reads region, class number, symbol and serial', () => {
    const text = ['경기', '', '1', '2', '나', '3', '4', '5', '6'].map((token) => [token, 0.9] as const);
    expect(decode(rows(...text))).toMatchObject({ region: '경기', symbol: '나', serial: '3456', text: '경기12나3456' });
  });

  it('leaves blank places out of the text, but not out of the confidence', () => {
    const { text, confidence, characters } = decode(rows(['', 0.5], ['7', 0.8], ['가', 0.9]));
    expect(text).toBe('7가');
    expect(confidence).toBeCloseTo(0.5 * 0.8 * 0.9, 6);
    expect(characters.map(({ char }) => char)).toEqual(['7', '가']);
    expect(characters[0]?.confidence).toBeCloseTo(0.8, 6);
  });

  it('tells the syllables of a region one by one, with the confidence of both', () => {
    const { characters } = decode(rows(['서울', 0.75]));
    expect(characters).toEqual([
      { char: '서', confidence: expect.closeTo(0.75, 6) as number },
      { char: '울', confidence: expect.closeTo(0.75, 6) as number },
    ]);
  });

  it('keeps equal neighbours', () => {
    expect(decode(rows(['8', 0.9], ['8', 0.9], ['가', 0.9], ['0', 0.9], ['0', 0.9])).text).toBe('88가00');
  });

  it('has no serial without a symbol', () => {
    expect(decode(rows(['1', 0.9], ['2', 0.9]))).toMatchObject({ region: '', symbol: '', serial: '', text: '12' });
  });

  it('reads nothing from blanks alone, and from no rows', () => {
    const nothing = { region: '', symbol: '', serial: '', text: '', characters: [] };
    expect(decode(rows(['', 0.9], ['', 0.9]))).toMatchObject(nothing);
    expect(decode(rows())).toEqual({ ...nothing, confidence: 1 });
  });

  it('takes the first of equal logits, and does not overflow', () => {
    const logits = new Float32Array(ALPHABET.length).fill(-1000);
    logits.set([800, 800], 3);
    const [character] = decode(logits).characters;
    expect(character).toEqual({ char: '2', confidence: 0.5 });
  });
});

describe('decodeCharacters(), CTC', () => {
  it('takes neighbouring rows of a token as one, and parts equal ones by blanks', () => {
    const path = ['1', '1', '', '1', '가', '가', '', '5', '5', '', '', '5'].map((token) => [token, 0.9] as const);
    expect(decode(rows(...path), 'ctc')).toMatchObject({ text: '11가55', symbol: '가', serial: '55' });
  });

  it('gives a character the confidence of its likeliest row, and all of them that of the path', () => {
    const { characters, confidence } = decode(rows(['4', 0.6], ['4', 0.9], ['4', 0.7], ['', 0.8]), 'ctc');
    expect(characters).toEqual([{ char: '4', confidence: expect.closeTo(0.9, 6) as number }]);
    expect(confidence).toBeCloseTo(0.6 * 0.9 * 0.7 * 0.8, 6);
  });
});
