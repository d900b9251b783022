/**
 * Makes the tiny text classifier of the tests: `node scripts/make-text-fixtures.mjs`. Each token of words.json votes for
 * the topics, and a text's logits are 12 times the mean of its tokens' votes, those that are hidden not among them. Its
 * output, test/fixtures/text/, is kept in git; what it must answer, golden.json, is made by
 * training/text_classification/make_golden.py.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createGraph, value } from './models/text-classification/onnx-graph.mjs';

const FOLDER = fileURLToPath(new URL('../test/fixtures/text/', import.meta.url));
const TOPICS = 4;
const SCALE = 12;

const CONFIG = `name: "tiny_text"
backend: "onnxruntime"
max_batch_size: 8
input [
  { name: "input_ids" data_type: TYPE_INT64 dims: [-1] },
  { name: "attention_mask" data_type: TYPE_INT64 dims: [-1] }
]
output [
  { name: "logits" data_type: TYPE_FP32 dims: [${TOPICS}] },
  { name: "sentence_embedding" data_type: TYPE_FP32 dims: [${TOPICS}] }
]
`;

const votes = JSON.parse(readFileSync(`${FOLDER}words.json`, 'utf8'));
const rows = Object.values(votes);
const graph = createGraph();
graph.weight('votes', { shape: [rows.length, TOPICS], data: Float32Array.from(rows.flat()) });
graph.scalar('scale', SCALE);
graph.integers('axis.1', [1]);
graph.integers('axis.2', [2]);
graph.node('Cast', 'mask', ['attention_mask'], { to: 1 });
graph.node('Gather', 'given', ['votes', 'input_ids'], { axis: 0 });
graph.node('Mul', 'counted', ['given', graph.node('Unsqueeze', 'mask.column', ['mask', 'axis.2'])]);
graph.node('ReduceSum', 'sum', ['counted', 'axis.1'], { keepdims: 0 });
graph.node('ReduceSum', 'count', ['mask', 'axis.1'], { keepdims: 1 });
graph.node('Div', 'sentence_embedding', ['sum', 'count']);
graph.node('Mul', 'logits', ['sentence_embedding', 'scale']);
const model = graph.encode({
  name: 'tiny_text',
  docString: 'Topics by the votes of words, for tests',
  input: ['input_ids', 'attention_mask'].map((name) => value(name, 'int64', ['batch', 'sequence'])),
  output: ['logits', 'sentence_embedding'].map((name) => value(name, 'float', ['batch', TOPICS])),
});

mkdirSync(`${FOLDER}models/tiny_text/1`, { recursive: true });
writeFileSync(`${FOLDER}models/tiny_text/1/model.onnx`, model);
writeFileSync(`${FOLDER}models/tiny_text/config.pbtxt`, CONFIG);
writeFileSync(`${FOLDER}vocab.txt`, `${Object.keys(votes).join('\n')}\n`);
