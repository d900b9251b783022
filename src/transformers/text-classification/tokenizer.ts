import { createLibraryTokenizer, type LibraryTokenizer } from './hugging-face.js';
import { createWordPieces } from './wordpiece.js';
import { createWordPattern } from './words.js';

/** A word of a text and its tokens. */
export interface Word {
  readonly text: string;
  /** Where it begins and ends in the text, in UTF-16 code units; `end` is behind it. */
  readonly start: number;
  readonly end: number;
  readonly ids: readonly number[];
}

/** Turns texts into the numbers that a BERT model knows them by. */
export interface TextTokenizer {
  /** What fills a batch's shorter texts. */
  readonly padId: number;
  /** `[CLS]`, the text's tokens, `[SEP]`: no more than `maxTokens`; tokens behind them are cut off. */
  encode(text: string, maxTokens: number): readonly number[];
  /**
   * The words whose tokens `encode` gives between `[CLS]` and `[SEP]`; of one that is cut off, the tokens that are left.
   */
  words(text: string, maxTokens: number): readonly Word[];
}

/** So much of a text is tokenised at once: most texts whole, of long ones no more than is needed. */
const PIECE_CHARS = 2000;

/** Where a text can be divided without dividing a token: white space, and before an ideograph. */
const SPACE = /[ \t\r\n]/g;
const SPACE_OR_IDEOGRAPH = /[ \t\r\n\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff]/g;

/** `[CLS]` and `[SEP]`. */
const MARKS = 2;

/** What a tokenizer.json is looked at for; the library reads the rest. */
interface TokenizerJson {
  readonly [part: string]: unknown;
  readonly model?: {
    readonly type?: unknown;
    readonly unk_token?: string;
    readonly vocab?: Readonly<Record<string, number | undefined>>;
    readonly continuing_subword_prefix?: string;
    readonly max_input_chars_per_word?: number;
  };
  readonly pre_tokenizer?: { readonly type?: unknown };
  readonly normalizer?: { readonly type?: unknown; readonly handle_chinese_chars?: unknown } | null;
}

/**
 * Makes a tokeniser of the WordPiece kind that BERT, DistilBERT, ELECTRA and MiniLM have (Devlin et al. 2019,
 * arXiv:1810.04805).
 * @param content of a tokenizer.json, or of the vocab.txt of an uncased model: a token a line
 * @throws Error saying what is wrong with it
 */
export function createTokenizer(content: string): TextTokenizer {
  const json = content.trimStart().startsWith('{') ? parseTokenizerJson(content) : tokenizerOfVocabulary(content);
  const tokenizer = createLibraryTokenizer(json);
  quicken(tokenizer, json);
  const marks = tokenizer.encode('').ids;
  const [begin, end] = marks;
  if (begin === undefined || end === undefined || marks.length !== MARKS) {
    throw new Error('expected a tokeniser that puts one token before a text and one behind it, as [CLS] and [SEP]');
  }
  const idsOf = (text: string): readonly number[] => tokenizer.encode(text, { add_special_tokens: false }).ids;
  const splitsIdeographs = json.normalizer?.handle_chinese_chars !== false;
  const pattern = createWordPattern({
    splitsIdeographs,
    wholes: [...tokenizer.get_added_tokens_decoder().values()].map(({ content: token }) => token),
  });

  return {
    padId: tokenizer.token_to_id('[PAD]') ?? 0,
    encode: (text, maxTokens) => {
      const ids: number[] = [];
      for (const piece of pieces(text, splitsIdeographs ? SPACE_OR_IDEOGRAPH : SPACE)) {
        for (const id of idsOf(piece)) ids.push(id);
        if (ids.length >= maxTokens - MARKS) break;
      }
      return [begin, ...ids.slice(0, maxTokens - MARKS), end];
    },
    words: (text, maxTokens) => {
      const words: Word[] = [];
      let room = maxTokens - MARKS;
      for (const { 0: word, index } of text.matchAll(pattern)) {
        if (room === 0) break;
        const ids = idsOf(word).slice(0, room);
        // Of signs that the model has no token for, such as a joiner of width 0, nothing is left.
        if (ids.length === 0) continue;
        words.push({ text: word, start: index, end: index + word.length, ids });
        room -= ids.length;
      }
      return words;
    },
  };
}

/** Puts our own last step in the place of the library's, which takes very long for long words. */
function quicken({ model }: LibraryTokenizer, json: TokenizerJson): void {
  model.encode = createWordPieces({
    tokens: model.tokens_to_ids,
    prefix: json.model?.continuing_subword_prefix ?? '##',
    unknown: json.model?.unk_token ?? '[UNK]',
    maxWordChars: json.model?.max_input_chars_per_word ?? 100,
  });
}

/** The parts of a text, each of which goes on to the next place of `edge` behind PIECE_CHARS. */
function* pieces(text: string, edge: RegExp): Generator<string> {
  let from = 0;
  while (from < text.length) {
    edge.lastIndex = from + PIECE_CHARS;
    const to = edge.exec(text)?.index ?? text.length;
    yield text.slice(from, to);
    from = to;
  }
}

function parseTokenizerJson(content: string): TokenizerJson {
  const json = JSON.parse(content) as TokenizerJson;
  const kinds = [json.model?.type, json.normalizer?.type, json.pre_tokenizer?.type].map(String);
  if (kinds.join() !== 'WordPiece,BertNormalizer,BertPreTokenizer') {
    throw new Error(`expected a WordPiece tokeniser with BERT's rules, found one of ${kinds.join(', ')}`);
  }
  return json;
}

/** What the tokenizer.json of an uncased BERT holds beside its vocabulary. */
function tokenizerOfVocabulary(content: string): TokenizerJson {
  const tokens = content.replace(/\r?\n$/, '').split(/\r?\n/);
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
  const missing = special.find((token) => !Object.hasOwn(vocab, token));
  if (missing !== undefined) throw new Error(`expected a vocabulary of BERT's, a token a line; it has no ${missing}`);
  const mark = (token: string) => ({ SpecialToken: { id: token, type_id: 0 } });
  return {
    version: '1.0',
    added_tokens: special.map((token) => ({
      ...{ id: vocab[token], content: token, special: true },
      ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
    })),
    normalizer: {
      ...{ type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true },
      ...{ strip_accents: null, lowercase: true },
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [mark('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, mark('[SEP]')],
      pair: [],
      special_tokens: Object.fromEntries(
        ['[CLS]', '[SEP]'].map((token) => [token, { id: token, ids: [vocab[token]], tokens: [token] }]),
      ),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab,
    },
  };
}
