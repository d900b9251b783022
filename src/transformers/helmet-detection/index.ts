import type { Picture } from '../../imaging/picture.js';
import { type EncodedPicture, openPicture } from '../encoded-picture.js';
import { modelRunner } from '../image-model.js';
import { imageTensors } from '../image-tensors.js';
import { missingModels } from '../missing-models.js';
import type { RequestContext, Transformer, TransformerServices } from '../transformer.js';
import { HELMET_DETECTION_API } from './api.js';
import { modelForm } from './model-form.js';
import type { HelmetDetectionOptions } from './options.js';
import { type HelmetDetectionResult, postprocess } from './postprocess.js';
import { type Predicted, predict } from './predict.js';
import { type Prepared, preprocess } from './preprocess.js';
import { detectionSettings } from './settings.js';

/** What the model is called on the predictor, unless the configuration says otherwise. */
const MODEL_NAME = 'helmet_detection';

/**
 * Pictures that go through the model together. Each takes 5 MB of input and, with an export of YOLOv5 for 80 classes,
 * 9 MB of output.
 */
const ITEMS_PER_GROUP = 8;

/** Where in a picture which things are. */
export type HelmetDetectionTransformer = Transformer<
  EncodedPicture,
  Picture,
  Prepared,
  Predicted,
  HelmetDetectionResult
>;

/**
 * Makes the service that finds things by a YOLO detector: one model, each picture as a whole.
 * @throws ServiceError `invalid_argument` when the options do not fit each other, or the file of labels cannot be used
 */
export function createHelmetDetection(
  services: TransformerServices,
  options: HelmetDetectionOptions,
): HelmetDetectionTransformer {
  const settings = detectionSettings(options);
  const { predictor, workers, sampler } = services;
  const model = services.predictorModelName ?? MODEL_NAME;
  const describe = async (call: RequestContext['call']) => modelForm(await predictor.modelInfo(model, call), settings);

  return {
    itemsPerGroup: ITEMS_PER_GROUP,
    open: (item, context) => openPicture(item, services, context),
    decode: ({ bytes }, { signal }, memory) => sampler.decode(bytes, memory, { signal }),
    preprocess: async (pictures, { call }) => preprocess(await describe(call), pictures, settings),
    predict: (prepared, context) => predict(modelRunner(services, context), prepared, settings),
    postprocess: async (predicted, { signal, addFound }) => {
      const results = await postprocess(predicted, settings, { workers, signal });
      addFound(
        'detections',
        results.reduce((sum, detections) => sum + detections.length, 0),
      );
      return results;
    },
    toPrediction: (detections) => detections,
    tensors: imageTensors(),
    api: HELMET_DETECTION_API,
    missingModels: async (signal) => {
      const missing = await missingModels(predictor, [model], signal);
      // A model that is there and cannot be used keeps the service from being ready, and the reason is told.
      if (missing.length === 0) await describe({ signal });
      return missing;
    },
  };
}
