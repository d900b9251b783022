import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;

/** The tensor names of deployed face-quality models, whose clients send and ask for exactly these. */
const INPUT = 'input.1';
const OUTPUT = '1346';

/**
 * The logistic that turns the length of the embedding into 0..1: `1 / (1 + exp((centre − length) / width))`.
 * Printed by calibrate-face-quality.mjs: 27 faces, residual 0.126 where the targets' own deviation is 0.159.
 */
const QUALITY_LOGISTIC = { centre: 2.151, width: 1.03 };

/**
 * Makes a scorer of an embedding model, by editing its graph in place: the input is renamed, and the length of the
 * embedding [B, 512], which grows with the quality of the face (as in MagFace, https://arxiv.org/abs/2103.06627), goes
 * through a logistic to the only output, [B, 1]. All operators exist in opset 9.
 * @param {onnx.ModelProto} model with one input and one output [B, N]
 * @returns {onnx.ModelProto} the same model
 */
export function appendQualityHead(model) {
  const { graph } = model;
  const embedding = graph.output[0].name;
  renameInput(graph, INPUT);
  graph.initializer.push(
    scalar('quality_centre', QUALITY_LOGISTIC.centre),
    scalar('quality_width', QUALITY_LOGISTIC.width),
  );
  graph.node.push(
    node('ReduceL2', [embedding], 'quality_length', [integers('axes', [1])]),
    node('Sub', ['quality_length', 'quality_centre'], 'quality_distance'),
    node('Div', ['quality_distance', 'quality_width'], 'quality_logit'),
    node('Sigmoid', ['quality_logit'], OUTPUT),
  );
  graph.output = [output(OUTPUT, graph.output[0].type.tensorType.shape.dim[0])];
  return model;
}

function renameInput(graph, to) {
  const from = graph.input[0].name;
  graph.input[0].name = to;
  for (const { input } of graph.node) {
    for (const [i, name] of input.entries()) if (name === from) input[i] = to;
  }
}

function node(opType, input, outputName, attribute = []) {
  return new onnx.NodeProto({ opType, name: outputName, input, output: [outputName], attribute });
}

function integers(name, ints) {
  return new onnx.AttributeProto({ name, type: onnx.AttributeProto.AttributeType.INTS, ints });
}

function scalar(name, value) {
  return new onnx.TensorProto({ name, dims: [], dataType: onnx.TensorProto.DataType.FLOAT, floatData: [value] });
}

/** A float output [batch, 1]. */
function output(name, batch) {
  const dim = [batch, new onnx.TensorShapeProto.Dimension({ dimValue: 1 })];
  const elemType = onnx.TensorProto.DataType.FLOAT;
  return new onnx.ValueInfoProto({ name, type: { tensorType: { elemType, shape: { dim } } } });
}
