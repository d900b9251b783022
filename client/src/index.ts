export type { NamedPicture } from './picture.js';
export { ClientError, type ClientErrorCode } from './client-error.js';
export {
  createFaceQualityClient,
  type FaceQualityClient,
  type FaceQualityClientOptions,
  type ScoreManyOptions,
} from './face-quality-client.js';
export type { Call, PictureResult } from './score-many.js';
