import type { Response } from 'common-data-type';
import { ServiceError } from '../../src/errors.js';
import { type AnyTensor, float32Tensor } from '../../src/tensor.js';
import type { Item, Opened, RequestContext, Transformer } from '../../src/transformers/transformer.js';

interface FakeSource extends Opened {
  readonly word: string;
}

/** What a test may do in a stage. */
export interface FakeStages {
  /** Called with the word of each decode call, before it ends. */
  readonly onDecode?: (word: string, context: RequestContext) => Promise<void>;
  /** Called with the words of each predict call. */
  readonly onPredict?: (words: readonly string[], context: RequestContext) => Promise<void>;
  /** Called with the words of each explain call. */
  readonly onExplain?: (words: readonly string[], context: RequestContext) => Promise<void>;
  readonly missingModels?: () => Promise<readonly string[]>;
  readonly itemsPerGroup?: number;
}

/**
 * A transformer whose items are words and whose results are their lengths. `bad` cannot be opened, `damaged` cannot be
 * decoded, `buggy` makes decode fail in an unforeseen way; `pixels:N` weighs N pixels. Raw bytes count as their length.
 * Equal words have equal bytes.
 */
export function fakeTransformer(stages: FakeStages = {}): Transformer<FakeSource, string, string[], string[], number> {
  return {
    ...(stages.itemsPerGroup !== undefined && { itemsPerGroup: stages.itemsPerGroup }),
    open: ({ value }: Item) => {
      const word = value instanceof Uint8Array ? 'x'.repeat(value.length) : value;
      if (typeof word !== 'string')
        throw new ServiceError('invalid_argument', `expected a word, received ${typeof word}`);
      if (word === 'bad') throw new ServiceError('unprocessable', 'not a picture');
      return { word, bytes: Buffer.from(word), pixels: Number(/^pixels:(\d+)/.exec(word)?.[1] ?? 1) };
    },
    decode: async ({ word }, context) => {
      await stages.onDecode?.(word, context);
      if (word === 'damaged') throw new ServiceError('unprocessable', 'damaged');
      if (word === 'buggy') throw new TypeError('secret detail');
      return word;
    },
    preprocess: (words) => Promise.resolve([...words]),
    predict: async (words, context) => {
      await stages.onPredict?.(words, context);
      return words;
    },
    postprocess: (words) => Promise.resolve(words.map((word) => word.length)),
    toPrediction: (length) => length,
    tensors: {
      inputs: [{ name: 'words', datatype: 'BYTES', shape: [-1] }],
      outputs: [{ name: 'length', datatype: 'FP32', shape: [-1] }],
      toItems: (inputs) => wordsOf(inputs.get('words')),
      toOutputs: (lengths) =>
        new Map([
          [
            'length',
            float32Tensor(
              [lengths.length],
              Float32Array.from(lengths, (length) => length ?? 0),
            ),
          ],
        ]),
    },
    explain: async (words, context) => {
      await stages.onExplain?.(words, context);
      return words.map((word) => ({ letters: word.length }));
    },
    toResponse: (length, extraInfo): Response => ({
      data: [{ score: length }],
      extra_info: { ...(extraInfo?.type != null && { type: extraInfo.type }), source: 'fake' },
    }),
    missingModels: stages.missingModels ?? (() => Promise.resolve([])),
  };
}

function wordsOf(tensor: AnyTensor | undefined): Item[] {
  if (tensor?.datatype !== 'BYTES') throw new ServiceError('invalid_argument', 'inputs: expected BYTES "words"');
  return tensor.data.map((element, index) => ({
    path: `inputs[0].data[${index}]`,
    value: Buffer.from(element).toString('utf8'),
  }));
}
