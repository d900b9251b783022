/**
 * Makes two detectors with the tensors of real exports, for tests: `node scripts/make-detector-fixtures.mjs`.
 *
 * `yolov5s` has those of YOLOv5s as `export.py --include onnx` writes it, `yolov8n` those of YOLOv8n; both for the 80
 * classes of COCO, at a fixed batch of 1. Whatever the picture, they answer the same few boxes, of which one is as sure as
 * the picture is bright: so a test sees that the picture has come through. Output: test/fixtures/detectors/, kept in git.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;
const { FLOAT, INT64 } = onnx.TensorProto.DataType;
const FOLDER = fileURLToPath(new URL('../test/fixtures/detectors/', import.meta.url));
const SIDE = 640;
const CLASSES = 80;

/** Place, box, objectness (`null`: as bright as the picture), class and its score. */
const BOXES = [
  { place: 100, box: [320, 320, 200, 100], objectness: 0.875, label: 3, score: 0.75 },
  { place: 101, box: [324, 322, 200, 100], objectness: 0.75, label: 3, score: 0.75 },
  { place: 4000, box: [320, 320, 200, 100], objectness: 0.625, label: 4, score: 1 },
  { place: 8399, box: [100, 500, 50, 80], objectness: null, label: 79, score: 1 },
  { place: 7, box: [600, 100, 120, 120], objectness: 0.5, label: 0, score: 1 },
  { place: 8, box: [40, 40, 20, 20], objectness: 0.25, label: 0, score: 1 },
];

const MODELS = {
  yolov5s: { shape: [1, 25_200, 5 + CLASSES], write: writeRow },
  yolov8n: { shape: [1, 4 + CLASSES, 8_400], write: writeColumn },
};

/** Where a box's values go: index into the output, value, and whether it is multiplied by the brightness. */
function writeRow({ place, box, objectness, label, score }) {
  const fixed = box.map((value, field) => [[0, place, field], value, false]);
  return [...fixed, [[0, place, 4], objectness ?? 1, objectness === null], [[0, place, 5 + label], score, false]];
}

function writeColumn({ place, box, objectness, label, score }) {
  const fixed = box.map((value, field) => [[0, field, place], value, false]);
  return [...fixed, [[0, 4 + label, place], score * (objectness ?? 1), objectness === null]];
}

const value = (name, shape) => ({
  name,
  type: { tensorType: { elemType: FLOAT, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
});
const node = (opType, input, output, attribute = []) => ({ opType, input, output: [output], attribute });
const floats = (name, dims, data) => ({ name, dataType: FLOAT, dims, floatData: data });
const integers = (name, dims, data) => ({ name, dataType: INT64, dims, int64Data: data });

function encodeModel(name, { shape, write }) {
  const entries = BOXES.flatMap(write);
  const dims = [entries.length];
  const int = (attribute, i) => ({ name: attribute, type: onnx.AttributeProto.AttributeType.INT, i });
  const graph = {
    name,
    node: [
      node('ConstantOfShape', ['shape'], 'zeros'),
      node('ReduceMean', ['images'], 'brightness', [int('keepdims', 0)]),
      node('Mul', ['bright', 'brightness'], 'as_bright'),
      node('Add', ['fixed', 'as_bright'], 'values'),
      node('ScatterND', ['zeros', 'places', 'values'], 'output0'),
    ],
    initializer: [
      integers('shape', [shape.length], shape),
      integers(
        'places',
        [entries.length, shape.length],
        entries.flatMap(([index]) => index),
      ),
      floats(
        'fixed',
        dims,
        entries.map(([, number, isBright]) => (isBright ? 0 : number)),
      ),
      floats(
        'bright',
        dims,
        entries.map(([, number, isBright]) => (isBright ? number : 0)),
      ),
    ],
    input: [value('images', [1, 3, SIDE, SIDE])],
    output: [value('output0', shape)],
  };
  const model = {
    irVersion: 8,
    opsetImport: [{ domain: '', version: 13 }],
    producerName: 'make-detector-fixtures',
    graph,
  };
  return onnx.ModelProto.encode(onnx.ModelProto.fromObject(model)).finish();
}

/** A fixed batch of 1 is no batch to Triton: it stands in the dimensions. */
function configOf(name, { shape }) {
  return [
    `name: "${name}"`,
    'platform: "onnxruntime_onnx"',
    'max_batch_size: 0',
    `input { name: "images" data_type: TYPE_FP32 dims: [1, 3, ${SIDE}, ${SIDE}] }`,
    `output { name: "output0" data_type: TYPE_FP32 dims: [${shape.join(', ')}] }`,
    '',
  ].join('\n');
}

for (const [name, model] of Object.entries(MODELS)) {
  mkdirSync(`${FOLDER}${name}/1`, { recursive: true });
  writeFileSync(`${FOLDER}${name}/config.pbtxt`, configOf(name, model));
  writeFileSync(`${FOLDER}${name}/1/model.onnx`, encodeModel(name, model));
}
const names = Array.from({ length: CLASSES }, (_, label) => `thing ${label}`);
writeFileSync(`${FOLDER}labels.txt`, `${names.join('\n')}\n`);
writeFileSync(`${FOLDER}index_to_name.json`, `${JSON.stringify(Object.fromEntries(names.entries()))}\n`);
