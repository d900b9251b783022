/**
 * Makes the two tiny models that the tests of every predictor call: `node scripts/make-test-models.mjs`.
 * Its output, test/fixtures/models/, is kept in git; run it again only to change the models.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;
const FLOAT = onnx.TensorProto.DataType.FLOAT;
const REPOSITORY = fileURLToPath(new URL('../test/fixtures/models/', import.meta.url));
const MAX_BATCH_SIZE = 8;
const WIDTH = 4;

const tensor = (name) => ({
  name,
  type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimParam: 'batch' }, { dimValue: WIDTH }] } } },
});
const scalar = (name, value) => ({ name, dataType: FLOAT, dims: [1], floatData: [value] });
const node = (opType, input, output) => ({ opType, input, output: [output] });

const MODELS = {
  identity: { nodes: [node('Identity', ['input'], 'output')], outputs: ['output'], constants: [] },
  two_outputs: {
    nodes: [node('Add', ['input', 'one'], 'sum'), node('Mul', ['input', 'two'], 'product')],
    outputs: ['sum', 'product'],
    constants: [scalar('one', 1), scalar('two', 2)],
  },
};

function encodeModel(name, { nodes, outputs, constants }) {
  const graph = { name, node: nodes, initializer: constants, input: [tensor('input')], output: outputs.map(tensor) };
  const model = { irVersion: 4, opsetImport: [{ domain: '', version: 9 }], producerName: 'make-test-models', graph };
  return onnx.ModelProto.encode(onnx.ModelProto.fromObject(model)).finish();
}

function configOf(name, { outputs }) {
  const tensors = (names) =>
    names.map((tensorName) => `  { name: "${tensorName}" data_type: TYPE_FP32 dims: [${WIDTH}] }`);
  return [
    `name: "${name}"`,
    'backend: "onnxruntime"',
    `max_batch_size: ${MAX_BATCH_SIZE}`,
    `input [\n${tensors(['input']).join(',\n')}\n]`,
    `output [\n${tensors(outputs).join(',\n')}\n]`,
    '',
  ].join('\n');
}

for (const [name, model] of Object.entries(MODELS)) {
  mkdirSync(`${REPOSITORY}${name}/1`, { recursive: true });
  writeFileSync(`${REPOSITORY}${name}/config.pbtxt`, configOf(name, model));
  writeFileSync(`${REPOSITORY}${name}/1/model.onnx`, encodeModel(name, model));
}
