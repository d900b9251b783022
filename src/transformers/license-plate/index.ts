import type { Picture } from '../../imaging/picture.js';
import { type EncodedPicture, openPicture } from '../encoded-picture.js';
import { modelRunner } from '../image-model.js';
import { imageTensors } from '../image-tensors.js';
import { missingModels } from '../missing-models.js';
import type { Transformer, TransformerServices } from '../transformer.js';
import { LICENSE_PLATE_API } from './api.js';
import { plateDetector } from './models/plate-detector.js';
import { plateReader } from './models/plate-reader.js';
import type { LicensePlateOptions } from './options.js';
import { type PlateAnswer, postprocess } from './postprocess.js';
import { type PlatesOfPicture, predict } from './predict.js';
import { type Prepared, preprocess } from './preprocess.js';

/** Pictures whose plates go through the models together, while the next ones are decoded. */
const ITEMS_PER_GROUP = 16;

/** Where the licence plates of a picture are, and what stands on them. */
export type LicensePlateTransformer = Transformer<
  EncodedPicture,
  Picture,
  Prepared,
  readonly PlatesOfPicture[],
  readonly PlateAnswer[]
>;

/**
 * Makes the service that reads plates: a detector over each picture, then a reader over all plates of all pictures, each
 * brought upright by its corners. Sizes and outputs of both models are taken from the predictor's description of them, so
 * that others of the same kind are a matter of configuration.
 */
export function createLicensePlate(
  services: TransformerServices,
  options: LicensePlateOptions,
): LicensePlateTransformer {
  const { predictor, logger } = services;
  const { plate_detector, plate_reader } = options;
  const how = {
    margin: options.plate_margin,
    minConfidence: options.plate_min_confidence,
    maxPlates: options.plate_max_plates,
    logger,
  };
  const models = [...new Set([plate_detector, plate_reader])];
  return {
    itemsPerGroup: ITEMS_PER_GROUP,
    open: (item, context) => openPicture(item, services, context),
    decode: ({ bytes }, { signal }, memory) => services.sampler.decode(bytes, memory, { signal }),
    preprocess: async (pictures, { call }) =>
      preprocess(plateDetector(await predictor.modelInfo(plate_detector, call), options), pictures),
    predict: async (prepared, context) => {
      const reader = async () => plateReader(await predictor.modelInfo(plate_reader, context.call), options);
      const found = await predict(modelRunner(services, context), prepared, { ...how, reader });
      context.addFound(
        'plates',
        found.reduce((sum, { plates }) => sum + plates.length, 0),
      );
      return found;
    },
    postprocess: async (predicted) => Promise.resolve(postprocess(predicted)),
    toPrediction: (plates) => plates,
    tensors: imageTensors(),
    api: LICENSE_PLATE_API,
    missingModels: (signal) => missingModels(predictor, models, signal),
  };
}
