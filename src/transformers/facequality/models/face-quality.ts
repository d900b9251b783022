import type { Picture } from '../../../imaging/picture.js';
import { resizeBatchJob } from '../../../imaging/resize.js';
import { type ImageModel, type ModelRunner, runOnPictures } from '../../image-model.js';

/**
 * Scores a whole picture, 0..1, without looking for faces. The model's name is the deployment's own; its tensors have
 * the names that the exporter gave them.
 */
export function faceQualityModel(name: string): ImageModel<'1346', number> {
  return {
    name,
    input: 'input.1',
    spec: { widthPx: 112, heightPx: 112, channels: 'rgb', mean: [127.5, 127.5, 127.5], std: [128, 128, 128] },
    outputs: { '1346': [1] },
    read: ({ '1346': score }) => Math.min(1, Math.max(0, score[0] ?? 0)),
  };
}

/** Scores whole pictures, each stretched over the model's input as OpenCV's INTER_LINEAR does. */
export function scoreWholePictures(runner: ModelRunner, name: string, pictures: readonly Picture[]): Promise<number[]> {
  return runOnPictures(runner, faceQualityModel(name), { pictures, resize: resizeBatchJob });
}
