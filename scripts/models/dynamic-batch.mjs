import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;

/** The name that the free first dimension gets; Triton and onnxruntime show it in their messages. */
const BATCH = 'batch';

/**
 * Lets a model that was exported for one item per call take any number of them, by editing its graph in place:
 *
 * - the first dimension of every graph input and output becomes a symbol;
 * - the kept shapes of values in between are dropped, since they say 1;
 * - initialisers leave the list of inputs, where files of older exporters repeat them, so that only true inputs are left;
 * - constant shapes of Reshape that begin with 1 begin with 0, which takes that dimension over from the data (ONNX
 *   operator Reshape, `allowzero` absent).
 * @param {onnx.ModelProto} model whose inputs all have the batch as first dimension
 * @returns {onnx.ModelProto} the same model
 */
export function makeBatchDynamic(model) {
  const { graph } = model;
  const initialised = new Set(graph.initializer.map(({ name }) => name));
  graph.input = graph.input.filter(({ name }) => !initialised.has(name));
  graph.valueInfo = [];
  for (const value of [...graph.input, ...graph.output]) {
    const { shape } = value.type.tensorType;
    shape.dim[0] = new onnx.TensorShapeProto.Dimension({ dimParam: BATCH });
  }
  const constants = constantTensors(graph);
  for (const node of graph.node.filter(({ opType }) => opType === 'Reshape')) {
    const shape = constants.get(node.input[1]);
    if (shape !== undefined) freeFirstDimension(shape);
  }
  return model;
}

/** Every tensor of the graph whose value is fixed, by the name under which nodes read it. */
function constantTensors(graph) {
  const fromNodes = graph.node
    .filter(({ opType }) => opType === 'Constant')
    .map(({ output, attribute }) => [output[0], attribute.find(({ name }) => name === 'value').t]);
  const fromInitialisers = graph.initializer.map((tensor) => [tensor.name, tensor]);
  return new Map([...fromNodes, ...fromInitialisers]);
}

/** Sets the first number of an INT64 shape tensor to 0 where it is 1. */
function freeFirstDimension(tensor) {
  const raw = Buffer.from(tensor.rawData);
  if (raw.length === 0) {
    if (Number(tensor.int64Data[0]) === 1) tensor.int64Data[0] = 0;
  } else if (raw.readBigInt64LE(0) === 1n) {
    raw.writeBigInt64LE(0n, 0);
    tensor.rawData = raw;
  }
}
