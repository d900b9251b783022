import * as z from 'zod';
import { choice, decimal, field, flag, integer, text } from '../../config/fields.js';

/** Sides of a model's input; larger ones are no detector's. */
const MIN_SIDE = 32;
const MAX_SIDE = 4096;

/** The flags of helmet detection, under their names on the command line, in the environment (capitals) and in the file. */
export const helmetDetectionOptions = z.object({
  helmet_detection_labels: text("a file's path")
    .optional()
    .describe(
      "names of the model's classes, in its order: labels.txt, one a line, or index_to_name.json; by default those of the model that comes with the project, hat and person",
    ),
  helmet_detection_fit: choice(['stretch', 'letterbox'])
    .default('stretch')
    .describe(
      "how a picture fills the model's input: stretch over all of it, letterbox keeps its shape and lays grey bars on both sides, as YOLOv5's own detect.py",
    ),
  helmet_detection_output: choice(['auto', 'yolov5', 'yolov8'])
    .default('auto')
    .describe(
      "the form of the model's output: yolov5 is [B, N, 5 + classes] with objectness, yolov8 [B, 4 + classes, N] without; auto tells them by shape and number of classes, and answers nothing where both would fit",
    ),
  helmet_detection_input_name: text("a tensor's name")
    .optional()
    .describe("the model's input; by default its only one"),
  helmet_detection_output_name: text("a tensor's name")
    .optional()
    .describe("the model's output of boxes; by default its only one, or the only one of three dimensions"),
  helmet_detection_input_size: inputSize()
    .optional()
    .describe("width and height of the model's input in pixels; by default as its metadata say, 640 where they do not"),
  helmet_detection_objectness: share().default(0.25).describe('objectness that a box has to be above; yolov8 has none'),
  helmet_detection_confidence: share()
    .default(0.25)
    .describe("confidence that a box has to be above: its objectness times its class's score"),
  helmet_detection_iou: share()
    .default(0.45)
    .describe('overlap, as intersection over union, above which two boxes of a class are the same thing'),
  helmet_detection_multi_label: flag()
    .default(false)
    .describe('whether a box may be of several classes, one detection each; else it is of its best one'),
  helmet_detection_classes: text("classes' names or numbers, separated by commas")
    .optional()
    .describe('the only classes that are answered; by default all'),
  helmet_detection_class_agnostic: flag()
    .default(false)
    .describe('whether boxes of different classes that overlap are the same thing, too'),
  helmet_detection_max_candidates: integer({ min: 1, max: 1_000_000 })
    .default(30_000)
    .describe('most boxes of one picture that are compared; of more, those of the highest confidence'),
  helmet_detection_max_detections: integer({ min: 1, max: 30_000 })
    .default(300)
    .describe('most detections in one picture; of more, those of the highest confidence'),
});

/** The flags' values. */
export type HelmetDetectionOptions = z.output<typeof helmetDetectionOptions>;

function share() {
  return decimal({ min: 0, max: 1 });
}

/** `640` or `640x384`, width first. */
function inputSize() {
  return field(`a side, or width x height, from ${MIN_SIDE} to ${MAX_SIDE}: 640 or 640x384`, (given) => {
    const [, width, height = width] = /^\s*(\d+)(?:\s*[x×]\s*(\d+))?\s*$/.exec(String(given)) ?? [];
    const size = { widthPx: Number(width), heightPx: Number(height) };
    return [size.widthPx, size.heightPx].every((side) => side >= MIN_SIDE && side <= MAX_SIDE) ? size : undefined;
  });
}
