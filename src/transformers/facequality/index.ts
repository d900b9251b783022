import type { Picture } from '../../imaging/picture.js';
import type { NamedTensors, TensorMetadata } from '../../predictor/predictor.js';
import { float32Tensor } from '../../tensor.js';
import { type EncodedPicture, openPicture } from '../encoded-picture.js';
import { modelRunner } from '../image-model.js';
import { imageTensors } from '../image-tensors.js';
import type { RequestContext, Transformer, TransformerServices } from '../transformer.js';
import { FACE_QUALITY_API } from './api.js';
import { createChainChoice } from './chain.js';
import { noComponents, toExplanation } from './explain.js';
import type { FaceQualityOptions } from './options.js';
import { type FaceQualityResult, postprocess, toResponse } from './postprocess.js';
import { type Predicted, predict } from './predict.js';
import { type Prepared, preprocess } from './preprocess.js';

/** The score of each picture's first face, 0..1; 0 where there is none, and for a bad item, whose `response` says why. */
const SCORE_OUTPUT: TensorMetadata = { name: 'face_quality_score', datatype: 'FP32', shape: [-1] };

/**
 * Pictures whose faces go through the models together. On a CPU a batch costs as much per face whether it has one or
 * eight, so that smaller groups would let decoding begin to overlap sooner; but each has its calls. 16 pictures of 400 × 400
 * on 2 cores, embedded, CPU ms in all: 1005 in groups of 2, 920 of 4, 900 of 8, 965 in one group.
 */
const ITEMS_PER_GROUP = 8;

/** Face quality: how useful each face of a picture, or a whole picture, is for recognition. */
export type FaceQualityTransformer = Transformer<EncodedPicture, Picture, Prepared, Predicted, FaceQualityResult>;

/**
 * Makes the face-quality service: six models per face (full chain), or one per picture (simple chain).
 * Which chain runs is decided by `missingModels`, so that is to be called before the first request.
 */
export function createFaceQuality(services: TransformerServices, options: FaceQualityOptions): FaceQualityTransformer {
  const chainChoice = createChainChoice(services, options);
  const limit = { maxFaces: options.facequality_max_faces, logger: services.logger };

  const predictAndCount = async (prepared: Prepared, context: RequestContext): Promise<Predicted> => {
    const predicted = await predict(modelRunner(services, context), prepared, limit);
    if (predicted.chain === 'full') {
      context.addFound(
        'faces',
        predicted.pictures.reduce((sum, { faces }) => sum + faces.length, 0),
      );
    }
    return predicted;
  };

  return {
    itemsPerGroup: ITEMS_PER_GROUP,
    open: (item, context) => openPicture(item, services, context),
    decode: ({ bytes }, { signal }, memory) => services.sampler.decode(bytes, memory, { signal }),
    preprocess: async (pictures) => Promise.resolve(preprocess(chainChoice.current(), pictures)),
    predict: (prepared, context) => predictAndCount(prepared, context),
    postprocess: async (predicted) => Promise.resolve(postprocess(predicted)),
    explain: async (prepared, context) => {
      if (prepared.chain === 'simple') throw noComponents();
      return postprocess(await predictAndCount(prepared, context)).map(toExplanation);
    },
    toPrediction: ({ items }) => items,
    toResponse,
    tensors: imageTensors({ outputs: [SCORE_OUTPUT], toOutputs: toScores }),
    api: FACE_QUALITY_API,
    missingModels: (signal) => chainChoice.decide(signal),
  };
}

function toScores(results: readonly (FaceQualityResult | undefined)[]): NamedTensors {
  const scores = Float32Array.from(results, (result) => result?.items[0]?.score ?? 0);
  return new Map([[SCORE_OUTPUT.name, float32Tensor([scores.length], scores)]]);
}
