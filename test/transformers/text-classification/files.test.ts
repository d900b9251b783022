import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseHead } from '../../../src/transformers/text-classification/head.js';
import { parseTopics, TOPICS } from '../../../src/transformers/text-classification/labels.js';
import { loadFiles } from '../../../src/transformers/text-classification/load-files.js';
import { textClassificationOptions } from '../../../src/transformers/text-classification/options.js';

describe('parseTopics()', () => {
  it('reads a file of labels', () => {
    expect(parseTopics('no\nyes\n')).toEqual(['no', 'yes']);
  });

  it.each([
    ['what is no file of labels', '', 'it is empty'],
    ['the same label twice', 'a\nb\na\n', 'the label "a" comes twice'],
  ])('refuses %s', (_, content, message) => {
    expect(() => parseTopics(content)).toThrow(message);
  });
});

describe('parseHead()', () => {
  const head = {
    labels: ['no', 'yes'],
    weight: [
      [1, -1, 0.5],
      [2, 0, 0],
    ],
    bias: [0.25, -1],
  };

  it('makes logits of an embedding', () => {
    const { labels, width, logits } = parseHead(JSON.stringify(head));
    expect({ labels, width }).toEqual({ labels: ['no', 'yes'], width: 3 });
    expect([...logits(Float32Array.of(1, 2, 4))]).toEqual([1.25, 1]);
  });

  it('takes other labels in place of its own', () => {
    expect(parseHead(JSON.stringify(head), ['a', 'b']).labels).toEqual(['a', 'b']);
  });

  it.each([
    ['rows of unequal length', { ...head, weight: [[1], [1, 2]] }, /rows of "weight" are not equally long/],
    ['a bias too many', { ...head, bias: [1, 2, 3] }, /2 rows of "weight", 3 of "bias", 2 labels/],
    ['no labels', { ...head, labels: undefined }, /2 rows of "weight", 2 of "bias", 0 labels/],
    ['no weights', { bias: [] }, /weight/],
  ])('refuses %s', (_, content, message) => {
    expect(() => parseHead(JSON.stringify(content))).toThrow(message);
  });
});

describe('loadFiles()', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'text-files-'));
    writeFileSync(path.join(folder, 'labels.txt'), 'no\nyes\n');
    writeFileSync(path.join(folder, 'head.json'), JSON.stringify({ weight: [[1], [2]], bias: [0, 0] }));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const load = (options: Record<string, string>) => loadFiles(textClassificationOptions.parse(options));

  it('has the vocabulary that comes along, and the topics', () => {
    const { tokenizer, labels, head } = load({});
    expect(tokenizer.encode('Hello', 8)).toEqual([101, 7592, 102]);
    expect({ labels, head }).toEqual({ labels: TOPICS, head: undefined });
  });

  it('reads labels and head', () => {
    const files = load({
      text_classification_labels: path.join(folder, 'labels.txt'),
      text_classification_head: path.join(folder, 'head.json'),
    });
    expect(files.labels).toEqual(['no', 'yes']);
    expect(files.head?.width).toBe(1);
  });

  it('names the option whose file cannot be used', () => {
    expect(() => load({ text_classification_tokenizer: '/nowhere' })).toThrow(
      /^--text_classification_tokenizer \/nowhere: .*ENOENT/,
    );
    expect(() => load({ text_classification_head: path.join(folder, 'labels.txt') })).toThrow(
      /^--text_classification_head [^]*JSON/,
    );
  });
});
