import * as z from 'zod';
import { integer, text } from '../../config/fields.js';

/** What `--text_classification_tokenizer` says for the vocabulary that comes along. */
export const BUILT_IN_TOKENIZER = 'bert-uncased';

/** The flags of text classification. */
export const textClassificationOptions = z.object({
  text_classification_tokenizer: text('bert-uncased, or the path of a tokenizer.json or vocab.txt')
    .default(BUILT_IN_TOKENIZER)
    .describe(
      'WordPiece tokeniser of the model: a tokenizer.json, an uncased vocab.txt, or bert-uncased for the one that comes along',
    ),
  text_classification_max_tokens: integer({ min: 3, max: 8192 })
    .default(256)
    .describe('most tokens of a text that the model sees, [CLS] and [SEP] among them; what is behind them is cut off'),
  text_classification_max_chars: integer({ min: 1, max: 1_000_000 })
    .default(20_000)
    .describe('most characters (UTF-16 code units) of one text; a longer one is refused'),
  text_classification_labels: text("a file's path")
    .optional()
    .describe(
      "the classes in the order of the model's logits: a labels.txt, one a line, or an index_to_name.json; by default those of the head, or World, Sports, Business, Sci-Tech",
    ),
  text_classification_output: text("an output's name")
    .default('logits')
    .describe("the model's output: logits [B,classes], or with --text_classification_head an embedding [B,width]"),
  text_classification_head: text("a file's path")
    .optional()
    .describe(
      'linear head for an encoder whose output is an embedding: JSON of {"labels", "weight" [classes][width], "bias" [classes]}',
    ),
  text_classification_explain_evaluations: integer({ min: 16, max: 4096 })
    .default(128)
    .describe('how often :explain asks the model about one text; more words are told apart by more'),
});

/** The flags' values. */
export type TextClassificationOptions = z.output<typeof textClassificationOptions>;
