import type { Response, ResponseItem } from 'common-data-type';

/** A face as the full chain answers it, in a picture of 400×400. */
export const FACE: ResponseItem = {
  score: 0.812,
  quality: 81,
  detection_score: 0.9998,
  box: [160, 60, 240, 180],
  landmarks: [
    [182, 101],
    [218, 102],
    [200, 125],
    [185, 140],
    [216, 141],
  ],
  pose: { yaw: -0.13, pitch: -11.48, roll: 2.9 },
  eyes_open: [1, 0.9],
  liveness: { live: 0.9988, crop_factor: 2.7 },
  components: { sharpness: 71, embedding_strength: 93, inter_eye_distance: 21, margin_above: 3, margins: 36 },
};

/** The Response of one picture with one face. */
export const SCORED: Response = {
  data: [FACE],
  extra_info: { source: 'face_quality_score', width: 400, height: 400, chain: 'full' },
};

/** The Response of a picture without a face. */
export const NO_FACE: Response = {
  data: [{ score: 0, quality: 0, reason: 'no_face' }],
  extra_info: { source: 'face_quality_score', width: 64, height: 48, chain: 'full' },
};

/** The place of a picture that could not be scored, in a batch. */
export const BAD_ITEM: Response = {
  data: [],
  extra_info: { error: { code: 'unprocessable', message: 'data.item: expected an image, received text' } },
};
