import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;
const { FLOAT, INT64 } = onnx.TensorProto.DataType;
const { INT, INTS, FLOAT: FLOAT_ATTRIBUTE } = onnx.AttributeProto.AttributeType;

/** LayerNormalization came with opset 17, which every runtime of the last years has. */
const OPSET = 17;
const IR_VERSION = 8;

/**
 * Collects the nodes and weights of an ONNX graph. Each node has one output, called like the node.
 * @returns an object whose methods add to the graph and give the names of what they added
 */
export function createGraph() {
  const nodes = [];
  const weights = [];
  const names = new Set();
  const taken = (name) => {
    if (names.has(name)) throw new Error(`The graph has two of ${name}`);
    names.add(name);
    return name;
  };
  return {
    /** @param {{ shape: number[], data: Float32Array }} tensor */
    weight(name, { shape, data }) {
      weights.push({ name: taken(name), dataType: FLOAT, dims: shape, rawData: new Uint8Array(data.buffer) });
      return name;
    },
    /** A float that stands alone. */
    scalar(name, value) {
      return this.weight(name, { shape: [], data: Float32Array.of(value) });
    },
    /** A list of integers: a shape, or axes. */
    integers(name, values) {
      const data = BigInt64Array.from(values, BigInt);
      weights.push({ name: taken(name), dataType: INT64, dims: [values.length], rawData: new Uint8Array(data.buffer) });
      return name;
    },
    node(opType, name, input, attributes = {}) {
      const attribute = Object.entries(attributes).map(([key, value]) => toAttribute(key, value));
      nodes.push({ opType, name: taken(name), input, output: [name], attribute });
      return name;
    },
    /** @returns {Uint8Array} the ONNX file */
    encode({ name, docString, input, output }) {
      const graph = { name, docString, input, output, initializer: weights, node: nodes };
      const opsetImport = [{ domain: '', version: OPSET }];
      const model = { irVersion: IR_VERSION, opsetImport, producerName: 'kserve-transformer', graph };
      return onnx.ModelProto.encode(onnx.ModelProto.fromObject(model)).finish();
    },
  };
}

/** An input or output; a dimension that is a text is open. */
export function value(name, kind, dims) {
  const dim = dims.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: size }));
  return { name, type: { tensorType: { elemType: kind === 'int64' ? INT64 : FLOAT, shape: { dim } } } };
}

/** `{ float: 1e-12 }`, a whole number, or a list of them. */
function toAttribute(name, given) {
  if (Array.isArray(given)) return { name, type: INTS, ints: given };
  return typeof given === 'number' ? { name, type: INT, i: given } : { name, type: FLOAT_ATTRIBUTE, f: given.float };
}
