export { ClientError, type ClientErrorCode } from './client-error.js';
export {
  createFaceQualityClient,
  type FaceQualityClient,
  type FaceQualityClientOptions,
  type NamedPicture,
  type PictureCall,
  type PictureResult,
  type ScoreManyOptions,
} from './face-quality-client.js';
export { pictureInstance, textInstance } from './input-kinds.js';
export { createModelClient, type ModelClient, type ModelClientOptions, type SendManyOptions } from './model-client.js';
export type { ConnectionOptions } from './model-connection.js';
export type { NamedInput } from './named-input.js';
export type { Call, InputResult, Outcome } from './send-many.js';
export { type ClassPrediction, classPredictionSchema } from './services/cifar10/answer.js';
export { type FaceShares, faceSharesSchema } from './services/facequality/answer.js';
export { type Detection, detectionSchema } from './services/helmet-detection/answer.js';
export { type Plate, plateSchema } from './services/license-plate/answer.js';
export { type Attributions, attributionsSchema, digitSchema } from './services/mnist/answer.js';
export {
  type TextExplanation,
  textExplanationSchema,
  type TextPrediction,
  textPredictionSchema,
} from './services/text-classification/answer.js';
