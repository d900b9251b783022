import { createGraph, value } from './onnx-graph.mjs';

/** float32's most negative number: what hides a token from the softmax without making a row of hidden ones NaN. */
const HIDDEN = -3.4028234663852886e38;

/** So short is no embedding; what keeps a division from being one by 0, as PyTorch's normalize() has it. */
const SHORTEST = 1e-12;

/**
 * Writes a BERT encoder, the sentence embedding on top of it and a linear head as an ONNX graph: the same arithmetic as
 * training/text_classification/encoder.py, where the papers are named.
 *
 * `input_ids`, `attention_mask` int64 [batch, sequence] → `logits` [batch, classes], `sentence_embedding` [batch, width],
 * the mean over the tokens that are not hidden, of length 1.
 * @param {object} parts
 * @param {Map<string, { shape: number[], data: Float32Array }>} parts.weights by the names of a BERT checkpoint
 * @param {object} parts.config its config.json
 * @param {{ labels: string[], weight: number[][], bias: number[] }} parts.head
 * @returns {Uint8Array} the ONNX file
 */
export function makeTextClassifier({ weights, config, head }) {
  const graph = createGraph();
  const context = { graph, weights, epsilon: { float: config.layer_norm_eps }, heads: config.num_attention_heads };
  addShapes(context, config.hidden_size);
  const mask = graph.node('Cast', 'mask', ['attention_mask'], { to: 1 });
  const hidden = addHidden(context, mask);
  let x = addEmbeddings(context);
  for (let layer = 0; layer < config.num_hidden_layers; layer++)
    x = addLayer(context, `encoder.layer.${layer}`, x, hidden);
  addSentenceEmbedding(context, x, mask);
  const classes = head.labels.length;
  const headWeight = { shape: [classes, config.hidden_size], data: Float32Array.from(head.weight.flat()) };
  graph.weight('head.weight', headWeight);
  graph.weight('head.bias', { shape: [classes], data: Float32Array.from(head.bias) });
  graph.node('Gemm', 'logits', ['sentence_embedding', 'head.weight', 'head.bias'], { transB: 1 });
  return graph.encode({
    name: 'text_classification',
    docString: `Logits of ${head.labels.join(', ')}`,
    input: ['input_ids', 'attention_mask'].map((name) => value(name, 'int64', ['batch', 'sequence'])),
    output: [
      value('logits', 'float', ['batch', classes]),
      value('sentence_embedding', 'float', ['batch', config.hidden_size]),
    ],
  });
}

/** What several nodes need: shapes with 0 for a dimension that stays, axes, and numbers. */
function addShapes({ graph, heads }, width) {
  graph.integers('shape.split', [0, 0, heads, width / heads]);
  graph.integers('shape.joined', [0, 0, width]);
  graph.integers('axis.1', [1]);
  graph.integers('axis.2', [2]);
  graph.integers('axes.1.2', [1, 2]);
  graph.scalar('one', 1);
  graph.scalar('half', 0.5);
  graph.scalar('sqrt2', Math.SQRT2);
  graph.scalar('scale', Math.sqrt(width / heads));
  graph.scalar('hidden.value', HIDDEN);
  graph.scalar('shortest', SHORTEST);
}

/** What is added to the attention's logits, [batch, 1, 1, sequence]. */
function addHidden({ graph }, mask) {
  const inverse = graph.node('Sub', 'mask.inverse', ['one', mask]);
  const wide = graph.node('Unsqueeze', 'mask.wide', [inverse, 'axes.1.2']);
  return graph.node('Mul', 'hidden', [wide, 'hidden.value']);
}

/** Words, positions and the type of a first sentence, normalised: [batch, sequence, width]. */
function addEmbeddings(context) {
  const { graph, weights } = context;
  const words = graph.weight('words', weightOf(weights, 'embeddings.word_embeddings.weight'));
  const positions = graph.weight('positions', weightOf(weights, 'embeddings.position_embeddings.weight'));
  const types = weightOf(weights, 'embeddings.token_type_embeddings.weight');
  const width = types.shape[1];
  graph.weight('type', { shape: [width], data: types.data.slice(0, width) });
  graph.integers('begin', [0]);
  const shape = graph.node('Shape', 'ids.shape', ['input_ids']);
  const length = graph.node('Gather', 'length', [shape, 'axis.1'], { axis: 0 });
  const ofWords = graph.node('Gather', 'words.embedded', [words, 'input_ids'], { axis: 0 });
  const ofPositions = graph.node('Slice', 'positions.embedded', [positions, 'begin', length]);
  const placed = graph.node('Add', 'placed', [ofWords, ofPositions]);
  return norm(context, 'embeddings.LayerNorm', graph.node('Add', 'typed', [placed, 'type']));
}

function addLayer(context, layer, x, hidden) {
  const { graph } = context;
  const split = (part, perm) => {
    const values = linear(context, `${layer}.attention.self.${part}`, x);
    const apart = graph.node('Reshape', `${layer}.${part}.apart`, [values, 'shape.split']);
    return graph.node('Transpose', `${layer}.${part}.heads`, [apart], { perm });
  };
  const query = split('query', [0, 2, 1, 3]);
  const key = split('key', [0, 2, 3, 1]);
  const values = split('value', [0, 2, 1, 3]);
  const products = graph.node('MatMul', `${layer}.products`, [query, key]);
  const scaled = graph.node('Div', `${layer}.scaled`, [products, 'scale']);
  const shown = graph.node('Add', `${layer}.shown`, [scaled, hidden]);
  const attention = graph.node('Softmax', `${layer}.attention`, [shown], { axis: -1 });
  const mixed = graph.node('MatMul', `${layer}.mixed`, [attention, values]);
  const beside = graph.node('Transpose', `${layer}.beside`, [mixed], { perm: [0, 2, 1, 3] });
  const joined = graph.node('Reshape', `${layer}.joined`, [beside, 'shape.joined']);
  const attended = linear(context, `${layer}.attention.output.dense`, joined);
  const added = graph.node('Add', `${layer}.attended`, [x, attended]);
  const between = norm(context, `${layer}.attention.output.LayerNorm`, added);
  const inner = gelu(context, layer, linear(context, `${layer}.intermediate.dense`, between));
  const outer = graph.node('Add', `${layer}.outer`, [between, linear(context, `${layer}.output.dense`, inner)]);
  return norm(context, `${layer}.output.LayerNorm`, outer);
}

/** x/2 · (1 + erf(x/√2)), Hendrycks & Gimpel 2016, arXiv:1606.08415. */
function gelu({ graph }, layer, x) {
  const erf = graph.node('Erf', `${layer}.erf`, [graph.node('Div', `${layer}.erf.of`, [x, 'sqrt2'])]);
  const factor = graph.node('Add', `${layer}.gelu.factor`, [erf, 'one']);
  const product = graph.node('Mul', `${layer}.gelu.product`, [x, factor]);
  return graph.node('Mul', `${layer}.gelu`, [product, 'half']);
}

function addSentenceEmbedding({ graph }, x, mask) {
  const wide = graph.node('Unsqueeze', 'mask.column', [mask, 'axis.2']);
  const shown = graph.node('Mul', 'tokens.shown', [x, wide]);
  const sum = graph.node('ReduceSum', 'tokens.sum', [shown, 'axis.1'], { keepdims: 0 });
  const count = graph.node('ReduceSum', 'tokens.count', [mask, 'axis.1'], { keepdims: 1 });
  const mean = graph.node('Div', 'tokens.mean', [sum, graph.node('Max', 'tokens.some', [count, 'shortest'])]);
  const squares = graph.node('Mul', 'mean.squares', [mean, mean]);
  const power = graph.node('ReduceSum', 'mean.power', [squares, 'axis.1'], { keepdims: 1 });
  const length = graph.node('Max', 'mean.length', [graph.node('Sqrt', 'mean.root', [power]), 'shortest']);
  graph.node('Div', 'sentence_embedding', [mean, length]);
}

function linear({ graph, weights }, name, x) {
  const weight = graph.weight(`${name}.weight`, transposed(weightOf(weights, `${name}.weight`)));
  const bias = graph.weight(`${name}.bias`, weightOf(weights, `${name}.bias`));
  return graph.node('Add', `${name}.sum`, [graph.node('MatMul', `${name}.product`, [x, weight]), bias]);
}

function norm({ graph, weights, epsilon }, name, x) {
  const [scale, shift] = ['weight', 'bias'].map((kind) =>
    graph.weight(`${name}.${kind}`, weightOf(weights, `${name}.${kind}`)),
  );
  return graph.node('LayerNormalization', name, [x, scale, shift], { axis: -1, epsilon });
}

function weightOf(weights, name) {
  const found = weights.get(name);
  if (found === undefined) throw new Error(`The checkpoint has no ${name}`);
  return found;
}

/** PyTorch keeps [out, in], MatMul takes [in, out]. */
function transposed({ shape: [rows, columns], data }) {
  const turned = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) turned[column * rows + row] = data[row * columns + column];
  }
  return { shape: [columns, rows], data: turned };
}
