import * as library from '@huggingface/tokenizers';

/**
 * The part of `Tokenizer` that is used here. The library's own declarations name their files without an ending, which
 * TypeScript does not follow for Node.
 */
export interface LibraryTokenizer {
  encode(text: string, options?: { readonly add_special_tokens?: boolean }): { readonly ids: readonly number[] };
  token_to_id(token: string): number | undefined;
  get_added_tokens_decoder(): ReadonlyMap<number, { readonly content: string }>;
  /** The last step, from words to pieces. */
  readonly model: { readonly tokens_to_ids: ReadonlyMap<string, number>; encode: (words: string[]) => string[] };
}

type LibraryTokenizerClass = new (tokenizer: object, config: object) => LibraryTokenizer;

/** Makes a tokeniser of what a tokenizer.json holds. */
export function createLibraryTokenizer(tokenizer: object): LibraryTokenizer {
  const { Tokenizer } = library as unknown as { readonly Tokenizer: LibraryTokenizerClass };
  return new Tokenizer(tokenizer, {});
}
