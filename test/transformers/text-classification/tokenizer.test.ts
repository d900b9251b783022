import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { createLibraryTokenizer } from '../../../src/transformers/text-classification/hugging-face.js';
import { createTokenizer } from '../../../src/transformers/text-classification/tokenizer.js';
import { createWordPieces } from '../../../src/transformers/text-classification/wordpiece.js';
import { goldenTexts } from '../../helpers/golden-texts.js';

const MAX_TOKENS = 256;
const VOCABULARY = readFileSync('vocabularies/bert-uncased.txt', 'utf8');
const tokenizer = createTokenizer(VOCABULARY);
const { tokens } = goldenTexts();

/** The tokenizer.json that says what the vocabulary says; `changes` replace its parts. */
function tokenizerJson(changes: Record<string, unknown> = {}): string {
  const vocab = Object.fromEntries(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'a', '##b'].map((t, id) => [t, id]));
  const mark = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  return JSON.stringify({
    version: '1.0',
    added_tokens: [],
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [mark('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, mark('[SEP]')],
      pair: [],
      special_tokens: Object.fromEntries(['[CLS]', '[SEP]'].map((t) => [t, { id: t, ids: [vocab[t]], tokens: [t] }])),
    },
    decoder: null,
    model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', vocab },
    ...changes,
  });
}

/** Texts of letters, marks, white space, ideographs, accents, and tokens that are whole by themselves. */
const texts = fc.string({
  unit: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyzABCXYZ0123456789')) },
    { weight: 2, arbitrary: fc.constantFrom(' ', '\t', '\n', '\u00a0', '\u3000', '\u2028') },
    { weight: 2, arbitrary: fc.constantFrom(...Array.from(`.,;:!?'"-_()[]{}$%^&*+=<>/\\|\`~@#…—“”«»¿`)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...Array.from('éüñøßİǅ东京龍한글яжहि\u0301\u200b\ufeff\u00ad½≠'), '👩‍👧', '𝒳'),
    },
    { weight: 1, arbitrary: fc.constantFrom('[MASK]', '[SEP]', '[CLS', 'MASK]') },
  ),
  maxLength: 60,
});

describe('createTokenizer()', () => {
  it.each(tokens.map(({ text, ids }) => [JSON.stringify(text.slice(0, 40)), text, ids] as const))(
    'gives %s the tokens that WordPiece in Python gives it',
    (_, text, ids) => {
      expect(tokenizer.encode(text, MAX_TOKENS)).toEqual(ids);
    },
  );

  it('cuts off what is behind the most tokens, also of a text of many pieces', () => {
    const text = 'one two three '.repeat(5000);
    expect(tokenizer.encode(text, 6)).toEqual([101, 2028, 2048, 2093, 2028, 102]);
    expect(tokenizer.encode(text, 512)).toEqual(tokenizer.encode('one two three '.repeat(200), 512));
    expect(tokenizer.encode('東京'.repeat(5000), 512)).toEqual(tokenizer.encode('東京'.repeat(300), 512));
    expect(tokenizer.encode('one two three', 3)).toEqual([101, 2028, 102]);
  });

  it('divides long texts into pieces without dividing a token', () => {
    fc.assert(
      fc.property(fc.array(texts, { minLength: 60, maxLength: 120 }), (parts) => {
        const text = parts.join(' ');
        const byParts = parts.flatMap((part) => tokenizer.encode(part, 8192).slice(1, -1));
        expect(tokenizer.encode(text, 100_000).slice(1, -1)).toEqual(byParts);
      }),
      { numRuns: 20 },
    );
  });

  it('reads a tokenizer.json', () => {
    const own = createTokenizer(tokenizerJson());
    expect(own.encode('ab a c', MAX_TOKENS)).toEqual([2, 5, 6, 5, 1, 3]);
    expect(own.padId).toBe(0);
  });

  it.each([
    ['a tokeniser of another kind', tokenizerJson({ model: { type: 'BPE', vocab: {}, merges: [] } }), /one of BPE,/],
    ['no template', tokenizerJson({ post_processor: null }), /one token before a text/],
    ['text', 'hello\nworld\n', /it has no \[PAD\]/],
    ['broken JSON', '{"model"', /JSON/],
  ])('refuses %s', (_, content, message) => {
    expect(() => createTokenizer(content)).toThrow(message);
  });
});

describe('words()', () => {
  const wordsOf = (text: string, maxTokens = MAX_TOKENS) => tokenizer.words(text, maxTokens);

  it('finds words without the marks around them, and where they stand', () => {
    expect(wordsOf(`“Don't stop,” she said: 3.14% of U.S. firms…`).map(({ text }) => text)).toEqual([
      '“',
      "Don't",
      'stop',
      ',”',
      'she',
      'said',
      ':',
      '3.14',
      '%',
      'of',
      'U.S',
      '.',
      'firms',
      '…',
    ]);
    expect(wordsOf('a  bc')).toEqual([
      { text: 'a', start: 0, end: 1, ids: [1037] },
      { text: 'bc', start: 3, end: 5, ids: [4647] },
    ]);
  });

  it('takes each ideograph for a word', () => {
    expect(wordsOf('東京2020').map(({ text }) => text)).toEqual(['東', '京', '2020']);
  });

  it('leaves out what the model has no token for', () => {
    expect(wordsOf('a \u200b b').map(({ text }) => text)).toEqual(['a', 'b']);
  });

  it('ends where the model does, if need be within a word', () => {
    const [first, second, ...others] = wordsOf('supercalifragilistic word', 5);
    expect(first?.ids).toEqual(wordsOf('supercalifragilistic')[0]?.ids.slice(0, 3));
    expect([second, ...others]).toEqual([undefined]);
  });

  it('gives together the tokens that the text has', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 3, max: 40 }), (text, maxTokens) => {
        const ids = wordsOf(text, maxTokens).flatMap((word) => word.ids);
        expect(ids).toEqual(tokenizer.encode(text, maxTokens).slice(1, -1));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('createWordPieces()', () => {
  it('gives the pieces that the library gives', () => {
    const vocab = Object.fromEntries(
      VOCABULARY.trimEnd()
        .split('\n')
        .map((token, id) => [token, id]),
    );
    const library = createLibraryTokenizer({
      version: '1.0',
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: null,
      post_processor: null,
      decoder: null,
      model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', vocab },
    });
    const pieces = createWordPieces({
      tokens: new Map(Object.entries(vocab)),
      prefix: '##',
      unknown: '[UNK]',
      maxWordChars: 100,
    });
    const letters = fc.oneof(
      fc.string({
        unit: fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyz0123456789')),
        minLength: 1,
        maxLength: 30,
      }),
      fc.string({ unit: fc.constantFrom(...Array.from('etaoin')), minLength: 90, maxLength: 110 }),
      fc.string({ unit: fc.constantFrom(...Array.from('aéя東한👩𝒳')), minLength: 1, maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 4 }), (words) => {
        expect(pieces(words)).toEqual(library.model.encode(words));
      }),
      { numRuns: 300 },
    );
  });

  it('counts the length of a word in characters, not in units of UTF-16', () => {
    const pieces = createWordPieces({
      tokens: new Map([
        ['👩', 0],
        ['##👩', 1],
      ]),
      prefix: '##',
      unknown: '?',
      maxWordChars: 3,
    });
    expect(pieces(['👩👩👩', '👩👩👩👩'])).toEqual(['👩', '##👩', '##👩', '?']);
  });
});
