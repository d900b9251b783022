import { decodePicture } from '../../imaging/decode.js';
import { readHeader } from '../../imaging/header.js';
import type { Picture } from '../../imaging/picture.js';
import { itemBytes } from '../../imaging/source.js';
import type { Opened, RequestContext, Transformer, TransformerServices } from '../transformer.js';
import { createChainChoice } from './chain.js';
import type { ModelRunner } from './model.js';
import type { FaceQualityOptions } from './options.js';
import { type FaceQualityResult, postprocess, toResponse } from './postprocess.js';
import { type Predicted, predict } from './predict.js';
import { type Prepared, preprocess } from './preprocess.js';

/** A picture that is not decoded yet. */
interface EncodedPicture extends Opened {
  readonly bytes: Uint8Array;
}

/** Face quality: how useful each face of a picture, or a whole picture, is for recognition. */
export type FaceQualityTransformer = Transformer<EncodedPicture, Picture, Prepared, Predicted, FaceQualityResult>;

/**
 * Makes the face-quality service: six models per face (full chain), or one per picture (simple chain).
 * Which chain runs is decided by `missingModels`, so that is to be called before the first request.
 */
export function createFaceQuality(services: TransformerServices, options: FaceQualityOptions): FaceQualityTransformer {
  const chainChoice = createChainChoice(services, options);
  const limit = { maxFaces: options.facequality_max_faces, logger: services.logger };

  const runnerFor = ({ signal, headers, addTime }: RequestContext): ModelRunner => ({
    predictor: services.predictor,
    workers: services.workers,
    maxBodyBytes: services.maxPredictorBodyBytes,
    call: { signal, headers },
    addTime,
  });

  return {
    open: ({ value }) => {
      const bytes = itemBytes(value);
      return { bytes, pixels: readHeader(bytes, { maxPixels: services.maxPixels }).pixels };
    },
    decode: ({ bytes }, _, memory) => decodePicture(bytes, memory),
    preprocess: async (pictures) => Promise.resolve(preprocess(chainChoice.current(), pictures)),
    predict: (prepared, context) => predict(runnerFor(context), prepared, limit),
    postprocess: async (predicted) => Promise.resolve(postprocess(predicted)),
    toPrediction: ({ items }) => items,
    toResponse,
    missingModels: (signal) => chainChoice.decide(signal),
  };
}
