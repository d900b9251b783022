import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;
const { FLOAT } = onnx.TensorProto.DataType;

const CLASSES = 10;
const SIDE = 32;
/** The side of the patches of the picture that the convolution looks at, side by side. */
const PATCH = 4;
const FILTERS = 16;
/** The side of the squares of patches whose values are averaged. */
const POOL = 2;
const FEATURES = FILTERS * (SIDE / PATCH / POOL) ** 2;

/** Of the first 60, the one with which the pictures of samples/faces get the most different classes. */
const SEED = 41;

/** Weights lie within ± this. A power of two, so that scaling rounds nothing; logits come out within ± 3 or so. */
const WEIGHT_BOUND = 0.25;

/**
 * A network with the tensors of a CIFAR-10 classifier, and no training: convolution over patches of 4 × 4 pixels, ReLU,
 * means of 2 × 2 patches, one linear layer. Its weights come from a fixed seed, so the file is the same on every machine.
 * @returns {Uint8Array} the ONNX file: `INPUT__0` [batch, 3, 32, 32] to `OUTPUT__0` [batch, 10]
 */
export function makeCifar10StandIn() {
  const random = uniform(SEED);
  const graph = {
    name: 'cifar10',
    docString: 'An untrained stand-in: its weights are random numbers, so the class that it names means nothing.',
    input: [value('INPUT__0', [3, SIDE, SIDE])],
    output: [value('OUTPUT__0', [CLASSES])],
    initializer: [
      weights('patch_weight', [FILTERS, 3, PATCH, PATCH], random),
      weights('patch_bias', [FILTERS], random),
      weights('class_weight', [CLASSES, FEATURES], random),
      weights('class_bias', [CLASSES], random),
    ],
    node: [
      node('Conv', ['INPUT__0', 'patch_weight', 'patch_bias'], 'patches', [strides(PATCH), kernel(PATCH)]),
      node('Relu', ['patches'], 'active_patches'),
      node('AveragePool', ['active_patches'], 'squares', [strides(POOL), kernel(POOL)]),
      node('Flatten', ['squares'], 'features'),
      node('Gemm', ['features', 'class_weight', 'class_bias'], 'OUTPUT__0', [integer('transB', 1)]),
    ],
  };
  const model = { irVersion: 4, opsetImport: [{ domain: '', version: 9 }], producerName: 'kserve-transformer', graph };
  return onnx.ModelProto.encode(onnx.ModelProto.fromObject(model)).finish();
}

/** Numbers of [-1, 1) that look random: the linear congruential generator of Numerical Recipes, on 32 bits. */
function uniform(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

function weights(name, dims, random) {
  const count = dims.reduce((product, dim) => product * dim, 1);
  const rawData = Buffer.alloc(count * Float32Array.BYTES_PER_ELEMENT);
  for (let at = 0; at < rawData.length; at += Float32Array.BYTES_PER_ELEMENT) {
    rawData.writeFloatLE(random() * WEIGHT_BOUND, at);
  }
  return { name, dataType: FLOAT, dims, rawData };
}

function value(name, itemDims) {
  const dim = [{ dimParam: 'batch' }, ...itemDims.map((dimValue) => ({ dimValue }))];
  return { name, type: { tensorType: { elemType: FLOAT, shape: { dim } } } };
}

function node(opType, input, output, attribute = []) {
  return { opType, name: output, input, output: [output], attribute };
}

function integer(name, i) {
  return { name, type: onnx.AttributeProto.AttributeType.INT, i };
}

function strides(step) {
  return { name: 'strides', type: onnx.AttributeProto.AttributeType.INTS, ints: [step, step] };
}

function kernel(side) {
  return { name: 'kernel_shape', type: onnx.AttributeProto.AttributeType.INTS, ints: [side, side] };
}
