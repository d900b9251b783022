import * as z from 'zod';
import { choice, integer, text } from '../../config/fields.js';

/** The flags of face quality, under their names on the command line, in the environment (capitals) and in the file. */
export const faceQualityOptions = z.object({
  facequality_chain: choice(['auto', 'full', 'simple'])
    .default('auto')
    .describe(
      'full scores each face with six models, simple each whole picture with one; auto takes full when all its models are ready, else simple',
    ),
  facequality_model: text("a model's name")
    .default('face_quality')
    .describe("the simple chain's model; when it is not ready, face_quality_trt_fp16 is looked for next"),
  facequality_max_faces: integer({ min: 1, max: 4420 })
    .default(100)
    .describe('most faces scored in one picture by the full chain; of more, the largest are kept'),
});

/** The flags' values. */
export type FaceQualityOptions = z.output<typeof faceQualityOptions>;
