import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ServiceError } from '../../../src/errors.js';
import type { TensorMetadata } from '../../../src/predictor/predictor.js';
import { type AnyTensor, float32Tensor } from '../../../src/tensor.js';
import { goldenTexts, TINY_TOLERANCE, topicOf, TOPICS } from '../../helpers/golden-texts.js';
import { serviceErrorOf } from '../../helpers/service-error-of.js';
import { plainCall } from '../../helpers/served-cifar10.js';
import { rowsOf, serveText } from '../../helpers/served-text.js';

const { tiny } = goldenTexts();
const input = (name: string, datatype: TensorMetadata['datatype'] = 'INT64'): TensorMetadata => ({
  name,
  datatype,
  shape: [-1, -1],
});
const bytes = (...texts: string[]): AnyTensor => ({
  datatype: 'BYTES',
  shape: [texts.length],
  data: texts.map((text) => Buffer.from(text)),
});
const codes = (text: string, shape = [text.length]): AnyTensor => ({
  datatype: 'INT64',
  shape,
  data: BigInt64Array.from(text, (char) => BigInt(char.codePointAt(0) ?? 0)),
});
const textsOf = (tensor: AnyTensor | undefined) =>
  tensor?.datatype === 'BYTES' ? tensor.data.map((element) => Buffer.from(element).toString()) : undefined;

interface Prediction {
  readonly label: string;
  readonly score: number;
  readonly scores: Readonly<Record<string, number>>;
}

describe('text classification', () => {
  it('answers texts of many lengths with the scores that numpy gives them, in their order', async () => {
    const { predict, calls } = serveText();
    const predictions = (await predict(tiny.map(({ text }) => ({ data: text })))) as Prediction[];
    predictions.forEach(({ label, score, scores }, index) => {
      const expected = tiny[index]?.scores ?? [];
      expect(label).toBe(topicOf(expected));
      expect(Object.keys(scores)).toEqual(TOPICS);
      expect(score).toBe(scores[label]);
      TOPICS.forEach((topic, i) =>
        expect(Math.abs((scores[topic] ?? NaN) - (expected[i] ?? NaN))).toBeLessThan(TINY_TOLERANCE),
      );
    });
    expect(calls.length).toBeGreaterThan(1);
  });

  it('pads the shorter texts of a batch, and hides the padding', async () => {
    const { predict, calls } = serveText();
    await predict(['the bank profit fell a', 'the bank fell a']);
    expect(calls).toHaveLength(1);
    expect([...(calls[0]?.inputs.keys() ?? [])]).toEqual(['input_ids', 'attention_mask']);
    expect(rowsOf(calls[0], 'input_ids')).toEqual([
      [2, 5, 19, 20, 6, 3, 0],
      [2, 5, 19, 18, 20, 6, 3],
    ]);
    expect(rowsOf(calls[0], 'attention_mask')).toEqual([
      [1, 1, 1, 1, 1, 1, 0],
      [1, 1, 1, 1, 1, 1, 1],
    ]);
    expect(calls[0]?.outputs).toEqual(['logits']);
  });

  it('keeps to the largest batch of the model', async () => {
    const { predict, calls } = serveText({ info: { maxBatchSize: 3 } });
    await predict(new Array<string>(8).fill('bank'));
    expect(calls.map((call) => rowsOf(call, 'input_ids').length)).toEqual([3, 3, 2]);
  });

  it('sends a model that does not batch one text a call', async () => {
    const { predict, calls } = serveText({ info: { maxBatchSize: 0 } });
    await predict(['bank', 'bank']);
    expect(calls.map((call) => call.inputs.get('input_ids')?.shape)).toEqual([
      [1, 3],
      [1, 3],
    ]);
  });

  it('sends token types, of 0, and integers of 32 bits to models that take them', async () => {
    const inputs = [input('input_ids'), input('token_type_ids'), input('attention_mask', 'INT32')];
    const { predict, calls } = serveText({ info: { inputs } });
    await predict(['bank fell']);
    expect(rowsOf(calls[0], 'token_type_ids')).toEqual([[0, 0, 0, 0]]);
    expect(calls[0]?.inputs.get('attention_mask')?.datatype).toBe('INT32');
    expect([...(calls[0]?.inputs.keys() ?? [])]).toEqual(['input_ids', 'token_type_ids', 'attention_mask']);
  });

  it('cuts texts off behind the most tokens', async () => {
    const { predict, calls } = serveText({ options: { text_classification_max_tokens: 4 } });
    await predict(['the bank profit fell']);
    expect(rowsOf(calls[0], 'input_ids')).toEqual([[2, 5, 19, 3]]);
  });

  it('classifies the embedding of an encoder by a head', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'head-'));
    try {
      const weight = TOPICS.map((_, row) => TOPICS.map((__, column) => (row === column ? 12 : 0)));
      const file = path.join(folder, 'head.json');
      writeFileSync(file, JSON.stringify({ labels: ['a', 'b', 'c', 'd'], weight, bias: [0, 0, 0, 0] }));
      const options = { text_classification_head: file, text_classification_output: 'sentence_embedding' };
      const { predict, calls } = serveText({ options });
      const [own] = (await predict(['Bank profits fell'])) as Prediction[];
      const [other] = (await serveText().predict(['Bank profits fell'])) as Prediction[];
      expect(calls[0]?.outputs).toEqual(['sentence_embedding']);
      expect(own?.label).toBe('c');
      expect(own?.score).toBeCloseTo(other?.score ?? NaN, 5);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('keeps a bad text’s error in its place', async () => {
    const { predict } = serveText();
    expect(await predict(['bank', 5, { data: 'x'.repeat(20_001) }, 'war'])).toEqual([
      expect.objectContaining({ label: 'Business' }),
      { error: { code: 'invalid_argument', message: expect.stringMatching(/^instances\[1\]: expected a text/) } },
      { error: { code: 'payload_too_large', message: expect.stringMatching(/^instances\[2\]: the text is longer/) } },
      expect.objectContaining({ label: 'World' }),
    ]);
  });

  it('is ready when its model is', async () => {
    expect(await serveText().model.readiness.check()).toEqual({ ready: true, reason: '' });
    const { reason } = await serveText({ isModelReady: false }).model.readiness.check();
    expect(reason).toBe('the predictor has not ready: text_classification');
  });

  it.each<[string, Parameters<typeof serveText>[0], RegExp]>([
    [
      'another number of classes',
      { spoil: () => new Map([['logits', float32Tensor([1, 3], new Float32Array(3))]]) },
      /expected output logits as FP32 \[1,4\], received FP32 \[1,3\]/,
    ],
    ['no output', { spoil: () => new Map() }, /output logits is missing/],
    [
      'numbers that are none',
      { spoil: () => new Map([['logits', float32Tensor([1, 4], Float32Array.of(0, NaN, 0, 0))]]) },
      /expected finite numbers/,
    ],
    ['other inputs', { info: { inputs: [input('pixels')] } }, /none that takes tokens: .* it has pixels$/],
    ['other datatypes', { info: { inputs: [input('input_ids', 'FP32')] } }, /none that takes tokens/],
  ])('answers upstream_error for a model of %s', async (_, behaviour, message) => {
    const { code, message: said } = await serviceErrorOf(serveText(behaviour).predict(['bank']));
    expect(code).toBe('upstream_error');
    expect(said).toMatch(message);
  });
});

describe('text classification by tensors', () => {
  const infer = async (inputs: Map<string, AnyTensor>) =>
    (await serveText().model.infer({ model: 'texts', inputs }, plainCall())).outputs;

  it('takes texts as BYTES, under any name, and answers labels and predictions', async () => {
    const outputs = await infer(new Map([['4b7c7d4a', bytes('Bank profits', 'war')]]));
    expect([...outputs.keys()]).toEqual(['predict', 'response']);
    expect(outputs.get('predict')?.shape).toEqual([2]);
    expect(textsOf(outputs.get('predict'))).toEqual(['Business', 'World']);
    expect(JSON.parse(textsOf(outputs.get('response'))?.[0] ?? '')).toMatchObject({ label: 'Business' });
  });

  it('takes character codes, a text an input, beside BYTES and in their order', async () => {
    const inputs = new Map([
      ['a', codes('Bank profits')],
      ['b', codes('the war', [1, 7])],
      ['c', bytes('robot', 'goal')],
      ['d', { datatype: 'UINT8', shape: [4], data: Uint8Array.from(Buffer.from('team')) } as const],
    ]);
    expect(textsOf((await infer(inputs)).get('predict'))).toEqual([
      'Business',
      'World',
      'Sci-Tech',
      'Sports',
      'Sports',
    ]);
  });

  it('leaves the label of a bad text empty, and says why', async () => {
    const outputs = await infer(new Map([['text', bytes('war', '\ud800')]]));
    expect(textsOf(outputs.get('predict'))).toEqual(['World', 'World']);
    const broken: AnyTensor = { datatype: 'BYTES', shape: [2], data: [Buffer.from('war'), Buffer.of(0xff)] };
    const bad = await infer(new Map([['text', broken]]));
    expect(textsOf(bad.get('predict'))).toEqual(['World', '']);
    expect(textsOf(bad.get('response'))?.[1]).toMatch(
      /"error":\{"code":"unprocessable","message":"inputs\[0\]\.data\[1\]/,
    );
  });

  it.each<[string, [string, AnyTensor][], RegExp]>([
    [
      'numbers that are no integers',
      [['text', float32Tensor([1], Float32Array.of(1))]],
      /received "text" of datatype FP32$/,
    ],
    ['tokens', [['input_ids', codes('abc')]], /received tokens, input_ids/],
    [
      'several texts in one tensor',
      [['x', codes('abcdef', [2, 3])]],
      /"x" of shape \[2,3\]: send each text as an input/,
    ],
    ['nothing', [], /received no input$/],
  ])('refuses %s', async (_, inputs, message) => {
    const error = await serviceErrorOf(infer(new Map(inputs)));
    expect(error).toBeInstanceOf(ServiceError);
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toMatch(message);
  });
});

describe('explanations of texts', () => {
  interface Explanation {
    readonly label: string;
    readonly score: number;
    readonly base_score: number;
    readonly words: readonly string[];
    readonly offsets: readonly (readonly [number, number])[];
    readonly importances: readonly number[];
    readonly delta: number;
  }
  const explain = async (instances: readonly unknown[], options = {}) =>
    (await serveText({ options }).explain(instances)) as Explanation[];

  it('are the Shapley values that the definition gives, word by word', async () => {
    const known = tiny.filter(({ importances }) => importances !== undefined);
    const explanations = await explain(
      known.map(({ text }) => text),
      { text_classification_explain_evaluations: 256 },
    );
    explanations.forEach((explanation, index) => {
      const { words = [], importances = [], scores, base_score: base = NaN } = known[index] ?? { scores: [] };
      expect(explanation.label).toBe(topicOf(scores));
      expect(explanation.words.map((word) => word.toLowerCase())).toEqual(words);
      expect(Math.abs(explanation.base_score - base)).toBeLessThan(TINY_TOLERANCE);
      importances.forEach((importance, i) =>
        expect(Math.abs((explanation.importances[i] ?? NaN) - importance)).toBeLessThan(2 * TINY_TOLERANCE),
      );
      expect(explanation.delta).toBe(0);
    });
  });

  it('say where words stand, in characters as Python counts them', async () => {
    const [explanation] = await explain(['👩 bank, 東!']);
    expect(explanation).toMatchObject({
      words: ['👩', 'bank', ',', '東', '!'],
      offsets: [
        [0, 1],
        [2, 6],
        [6, 7],
        [8, 9],
        [9, 10],
      ],
    });
  });

  it('are the same each time, and sum up to what the words make of the score', async () => {
    const text = 'the team and the president won a goal, a vote and a war. '.repeat(4);
    const [first] = await explain([text]);
    const [second] = await explain([text]);
    expect(second).toEqual(first);
    const sum = first?.importances.reduce((a, b) => a + b, 0) ?? NaN;
    expect(sum).toBeCloseTo((first?.score ?? NaN) - (first?.base_score ?? NaN), 4);
    expect(first?.words).toHaveLength(60);
  });

  it('ask the model no more than the option says, whatever the length of the text', async () => {
    const { explain: run, calls } = serveText({ options: { text_classification_explain_evaluations: 32 } });
    await run(['the team and the president won a goal, a vote and a war. '.repeat(9)]);
    const rows = calls.map((call) => rowsOf(call, 'input_ids').length).reduce((a, b) => a + b, 0);
    expect(rows).toBe(1 + 1 + 32);
  });

  it('hide the words that matter most sooner than by chance what makes the label', async () => {
    const text = 'the team won a goal and the goalkeeper fell of a share and a vote of the bank !';
    const [{ label, words, importances } = fail()] = await explain([text]);
    const { predict } = serveText();
    const without = (hidden: readonly number[]) =>
      words.map((word, index) => (hidden.includes(index) ? 'zzz' : word)).join(' ');
    const order = words.map((_, index) => index).sort((a, b) => (importances[b] ?? 0) - (importances[a] ?? 0));
    const others = words.map((_, index) => [0, 5, 10].map((step) => (index + step) % words.length));
    const hidden = [order.slice(0, 3), order.slice(-3), ...others];
    const predictions = (await predict(hidden.map(without))) as Prediction[];
    const [top = NaN, bottom = NaN, ...every] = predictions.map(({ scores }) => scores[label] ?? NaN);
    expect(top).toBeLessThan(Math.min(...every));
    expect(bottom).toBeGreaterThan(Math.max(...every));
  });

  it('explain the class that the client names, by label or number', async () => {
    const [predicted] = await explain(['bank war war']);
    expect(predicted?.label).toBe('World');
    for (const target of ['Business', 2, '2']) {
      const [explanation] = await explain([{ data: 'bank war war', target }]);
      expect(explanation?.label).toBe('Business');
      expect(explanation?.importances[0]).toBeGreaterThan(0);
      expect(explanation?.importances[1]).toBeLessThan(0);
    }
  });

  it.each([4, -1, 1.5, 'Politics', true, {}])('refuse the target %j, naming the item', async (target) => {
    const error = await serviceErrorOf(explain(['bank', { data: 'bank', target }]));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toMatch(/^instances\[1\]: expected for target one of World, Sports, Business, Sci-Tech, or/);
  });

  it('keep a bad text’s error in its place, and have no words for a text without any', async () => {
    expect(await explain(['', 7])).toEqual([
      { label: 'World', score: 0.25, base_score: 0.25, words: [], offsets: [], importances: [], delta: 0 },
      { error: { code: 'invalid_argument', message: expect.stringMatching(/^instances\[1\]/) } },
    ]);
  });
});

function fail(): never {
  throw new RangeError('nothing was explained');
}
