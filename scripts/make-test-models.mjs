/**
 * Makes the tiny models of tests: `node scripts/make-test-models.mjs`. test/fixtures/models/ has two that the tests of
 * every predictor call, test/fixtures/example-models/ that of docs/add-a-transformer.md. The output is kept in git; run it
 * again only to change the models.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;
const FLOAT = onnx.TensorProto.DataType.FLOAT;
const FIXTURES = fileURLToPath(new URL('../test/fixtures/', import.meta.url));
const MAX_BATCH_SIZE = 8;
const WIDTH = 4;

const tensor = (name, dims = [WIDTH]) => ({
  name,
  type: {
    tensorType: {
      elemType: FLOAT,
      shape: { dim: [{ dimParam: 'batch' }, ...dims.map((dimValue) => ({ dimValue }))] },
    },
  },
});
const constant = (name, dims, floatData) => ({ name, dataType: FLOAT, dims, floatData });
const node = (opType, input, output, attribute = []) => ({ opType, input, output: [output], attribute });
const INTS = onnx.AttributeProto.AttributeType.INTS;

const MODELS = {
  'models/identity': {
    nodes: [node('Identity', ['input'], 'output')],
    inputs: { input: [WIDTH] },
    outputs: { output: [WIDTH] },
    constants: [],
  },
  'models/two_outputs': {
    nodes: [node('Add', ['input', 'one'], 'sum'), node('Mul', ['input', 'two'], 'product')],
    inputs: { input: [WIDTH] },
    outputs: { sum: [WIDTH], product: [WIDTH] },
    constants: [constant('one', [1], [1]), constant('two', [1], [2])],
  },
  // The mean of a grey picture of 16 × 16, 0..1, told apart at 0.3 and 0.7: probabilities of dark, normal, bright.
  'example-models/exposure': {
    nodes: [
      node('ReduceMean', ['picture'], 'mean', [{ name: 'axes', type: INTS, ints: [2, 3] }]),
      node('Flatten', ['mean'], 'flat'),
      node('Gemm', ['flat', 'slopes', 'starts'], 'logits'),
      node('Softmax', ['logits'], 'probabilities'),
    ],
    inputs: { picture: [1, 16, 16] },
    outputs: { probabilities: [3] },
    constants: [constant('slopes', [1, 3], [-20, 0, 20]), constant('starts', [3], [6, 0, -14])],
  },
};

function encodeModel(name, { nodes, inputs, outputs, constants }) {
  const tensors = (described) => Object.entries(described).map(([tensorName, dims]) => tensor(tensorName, dims));
  const graph = { name, node: nodes, initializer: constants, input: tensors(inputs), output: tensors(outputs) };
  const model = { irVersion: 4, opsetImport: [{ domain: '', version: 9 }], producerName: 'make-test-models', graph };
  return onnx.ModelProto.encode(onnx.ModelProto.fromObject(model)).finish();
}

function configOf(name, { inputs, outputs }) {
  const tensors = (described) =>
    Object.entries(described).map(
      ([tensorName, dims]) => `  { name: "${tensorName}" data_type: TYPE_FP32 dims: [${dims.join(', ')}] }`,
    );
  return [
    `name: "${name}"`,
    'backend: "onnxruntime"',
    `max_batch_size: ${MAX_BATCH_SIZE}`,
    `input [\n${tensors(inputs).join(',\n')}\n]`,
    `output [\n${tensors(outputs).join(',\n')}\n]`,
    '',
  ].join('\n');
}

for (const [place, model] of Object.entries(MODELS)) {
  const name = path.basename(place);
  const folder = path.join(FIXTURES, place);
  mkdirSync(path.join(folder, '1'), { recursive: true });
  writeFileSync(path.join(folder, 'config.pbtxt'), configOf(name, model));
  writeFileSync(path.join(folder, '1', 'model.onnx'), encodeModel(name, model));
}
