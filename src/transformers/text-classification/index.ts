import { missingModels } from '../missing-models.js';
import type { Opened, Transformer, TransformerServices } from '../transformer.js';
import { createTextApi } from './api.js';
import { explain } from './explain.js';
import { loadFiles } from './load-files.js';
import type { TextClassificationOptions } from './options.js';
import { postprocess, PREDICT_OUTPUT, type TextResult, toOutputs, toPrediction } from './postprocess.js';
import { predict, type Predicted, type TextModel, textRunner } from './predict.js';
import { encodeText, type EncodedText, preprocess, type Prepared } from './preprocess.js';
import { readText, type SentText } from './text-item.js';
import { TEXT_INPUT, textItems } from './text-tensors.js';

/** What the model is called on the predictor, unless the configuration says otherwise. */
const MODEL_NAME = 'text_classification';

/** Which of some classes a text belongs to. */
export type TextTransformer = Transformer<SentText & Opened, EncodedText, Prepared, Predicted, TextResult>;

/**
 * Makes the service that classifies texts: tokenises them, asks a model of the BERT family, names the class.
 * @throws Error when a file that the options name cannot be used
 */
export function createTextClassification(
  services: TransformerServices,
  options: TextClassificationOptions,
): TextTransformer {
  const { tokenizer, labels, head } = loadFiles(options);
  const model: TextModel = {
    name: services.predictorModelName ?? MODEL_NAME,
    output: options.text_classification_output,
    labels,
    head,
    padId: tokenizer.padId,
  };
  const maxTokens = options.text_classification_max_tokens;
  const explainOptions = { tokenizer, maxTokens, evaluations: options.text_classification_explain_evaluations };
  const limits = { maxChars: options.text_classification_max_chars };
  return {
    uploads: 'texts',
    open: (item) => ({ ...readText(item, limits), pixels: 0 }),
    decode: (sent) => encodeText(sent, { tokenizer, maxTokens }),
    preprocess: async (texts) => Promise.resolve(preprocess(texts)),
    predict: ({ texts }, context) => predict(textRunner(services, context), model, texts),
    postprocess: async (predicted) => Promise.resolve(postprocess(predicted, labels)),
    explain: (prepared, context) =>
      explain(prepared, { runner: textRunner(services, context), model, options: explainOptions }),
    toPrediction: (result) => toPrediction(result, labels),
    tensors: { inputs: [TEXT_INPUT], outputs: [PREDICT_OUTPUT], toItems: textItems, toOutputs },
    api: createTextApi(labels),
    missingModels: (signal) => missingModels(services.predictor, [model.name], signal),
  };
}
