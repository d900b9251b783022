import { ServiceError } from '../../src/errors.js';
import { NO_SPAN } from '../../src/observability/span.js';
import type { InferRequest } from '../../src/predictor/predictor.js';
import { type AnyTensor, float32Tensor } from '../../src/tensor.js';
import { serveItems } from '../../src/transformers/serve-items.js';
import type { RunRequest } from '../../src/transformers/run-transformer.js';
import type { ServedCall } from '../../src/transformers/served-call.js';
import { fakeTransformer } from '../helpers/fake-transformer.js';
import { serviceErrorOf } from '../helpers/service-error-of.js';
import { fakeModel, type ServedFakeSettings } from '../helpers/served-fake.js';

const CALL: ServedCall = {
  requestId: 'r1',
  headers: { 'x-request-id': 'r1' },
  signal: new AbortController().signal,
  span: NO_SPAN,
  times: new Map(),
};

function request(data: readonly string[], more: Partial<InferRequest> = {}): InferRequest {
  const words: AnyTensor = { datatype: 'BYTES', shape: [data.length], data: data.map((word) => Buffer.from(word)) };
  return { model: 'any', inputs: new Map([['words', words]]), ...more };
}

/** A tensor's texts. */
function textsOf(tensor: AnyTensor | undefined): string[] {
  return tensor?.datatype === 'BYTES' ? tensor.data.map((element) => Buffer.from(element).toString()) : [];
}

const serve = (settings: ServedFakeSettings = {}) => fakeModel(settings);

describe('serveItems()', () => {
  it('makes items of tensors, and tensors of results, in order', async () => {
    const { outputs, version } = await serve().infer(request(['a', 'ccc', 'bb']), CALL);
    expect(version).toBe('1');
    expect([...outputs.keys()]).toEqual(['length', 'response']);
    expect(outputs.get('length')).toEqual(float32Tensor([3], Float32Array.of(1, 3, 2)));
    expect(outputs.get('response')?.shape).toEqual([3]);
    expect(textsOf(outputs.get('response')).map((text) => JSON.parse(text) as unknown)).toEqual(
      [1, 3, 2].map((score) => ({ data: [{ score }], extra_info: { source: 'fake' } })),
    );
  });

  it('answers predictions where the service speaks instances alone', async () => {
    const { outputs } = await serve({ instancesOnly: true }).infer(request(['a', 'bad']), CALL);
    expect(textsOf(outputs.get('response'))).toEqual([
      '1',
      '{"error":{"code":"unprocessable","message":"inputs[0].data[1]: not a picture"}}',
    ]);
    expect(outputs.get('length')?.data).toEqual(Float32Array.of(1, 0));
  });

  it('answers no items with empty tensors', async () => {
    const { outputs } = await serve().infer(request([]), CALL);
    expect([...outputs.values()].map(({ shape }) => shape)).toEqual([[0], [0]]);
  });

  it.each([
    [['response'], ['response']],
    [
      ['response', 'length'],
      ['response', 'length'],
    ],
    [[{ name: 'length' }], ['length']],
    [['length', 'length'], ['length']],
  ])('answers the outputs %j', async (wanted, answered) => {
    const { outputs } = await serve().infer(request(['a'], { outputs: wanted }), CALL);
    expect([...outputs.keys()]).toEqual(answered);
  });

  it('makes only what is wanted', async () => {
    const made: string[] = [];
    const plain = fakeTransformer();
    const transformer = {
      ...plain,
      toResponse: () => {
        made.push('response');
        return { data: [] };
      },
      tensors: {
        ...plain.tensors,
        toOutputs: (results: readonly (number | undefined)[]) => {
          made.push('own');
          return plain.tensors.toOutputs(results);
        },
      },
    };
    const { readiness, singleResponse } = serve();
    const run = () => Promise.resolve([{ result: 1 }]);
    const model = serveItems({ name: 'm', transformer, run, readiness, singleResponse });
    await model.infer(request(['a'], { outputs: ['length'] }), CALL);
    await model.infer(request(['a'], { outputs: ['response'] }), CALL);
    expect(made).toEqual(['own', 'response']);
  });

  it('hands the call over as it is', async () => {
    const seen: RunRequest[] = [];
    const run = async (asked: RunRequest) => {
      seen.push(asked);
      return [{ result: 1 }];
    };
    const { readiness, singleResponse } = serve();
    const model = serveItems({ name: 'm', transformer: fakeTransformer(), run, readiness, singleResponse });
    await model.infer(request(['a']), CALL);
    await model.explain(request(['a']), CALL);
    const items = [{ path: 'inputs[0].data[0]', value: 'a' }];
    expect(seen).toEqual([
      { ...CALL, items, verb: 'predict' },
      { ...CALL, items, verb: 'explain' },
    ]);
  });

  it('explains in the one output that holds JSON', async () => {
    const { outputs } = await serve().explain(request(['abc', 'bad']), CALL);
    expect([...outputs.keys()]).toEqual(['response']);
    expect(textsOf(outputs.get('response'))).toEqual([
      '{"letters":3}',
      '{"error":{"code":"unprocessable","message":"inputs[0].data[1]: not a picture"}}',
    ]);
    const error = await serviceErrorOf(serve().explain(request(['a'], { outputs: ['length'] }), CALL));
    expect(error.message).toBe(
      'outputs[0].name: unexpected inference output "length" for model "fake"; it has response',
    );
  });

  it('explains in tensors of the service’s own, too, where it has such', async () => {
    const plain = fakeTransformer();
    const seen: unknown[] = [];
    const transformer = {
      ...plain,
      tensors: {
        ...plain.tensors,
        explained: {
          outputs: [{ name: 'letters', datatype: 'FP64', shape: [-1] }] as const,
          toOutputs: (explanations: readonly unknown[]) => {
            seen.push(explanations);
            const data = Float64Array.from(
              explanations,
              (of) => (of as { letters: number } | undefined)?.letters ?? NaN,
            );
            return new Map([['letters', { datatype: 'FP64', shape: [data.length], data } as const]]);
          },
        },
      },
    };
    const { readiness, singleResponse } = serve();
    const run = () => Promise.resolve([{ result: { letters: 3 } }, { error: new ServiceError('unprocessable', 'no') }]);
    const model = serveItems({ name: 'm', transformer, run, readiness, singleResponse });
    const { outputs } = await model.explain(request(['abc', 'bad']), CALL);
    expect(seen).toEqual([[{ letters: 3 }, undefined]]);
    expect([...outputs.keys()]).toEqual(['letters', 'response']);
    expect(outputs.get('letters')).toEqual({ datatype: 'FP64', shape: [2], data: Float64Array.of(3, NaN) });
    expect(textsOf(outputs.get('response'))).toEqual([
      '{"letters":3}',
      '{"error":{"code":"unprocessable","message":"no"}}',
    ]);
    expect([...(await model.explain(request(['abc']), CALL)).outputs.keys()]).toEqual(['letters', 'response']);
    const only = await model.explain(request(['abc'], { outputs: ['letters'] }), CALL);
    expect([...only.outputs.keys()]).toEqual(['letters']);
    expect((await serviceErrorOf(model.explain(request(['abc'], { outputs: ['length'] }), CALL))).message).toBe(
      'outputs[0].name: unexpected inference output "length" for model "m"; it has letters, response',
    );
    expect([...(await model.infer(request(['abc'], { outputs: ['length'] }), CALL)).outputs.keys()]).toEqual([
      'length',
    ]);
    expect(model.explainOutputs.map(({ name }) => name)).toEqual(['letters', 'response']);
  });

  it('refuses what it has not, before anything is worked on', async () => {
    const words: string[] = [];
    const model = serve({ onPredict: async (seen) => void words.push(...seen) });
    const refused = async (more: Partial<InferRequest>) => serviceErrorOf(model.infer(request(['a'], more), CALL));
    expect(await refused({ version: '2' })).toMatchObject({
      code: 'not_found',
      message: 'Model with name "fake" has no version 2, only 1',
    });
    expect(await refused({ outputs: ['length', 'other'] })).toMatchObject({
      code: 'invalid_argument',
      message: 'outputs[1].name: unexpected inference output "other" for model "fake"; it has length, response',
    });
    expect(await refused({ outputs: [{ name: 'length', classification: 1 }] })).toMatchObject({
      code: 'invalid_argument',
      message: 'outputs[0]: classification is not supported for "fake"',
    });
    expect(await refused({ inputs: new Map() })).toMatchObject({ code: 'invalid_argument' });
    for (const more of [{ version: '9'.repeat(1e5) }, { outputs: ['x'.repeat(1e5)] }]) {
      expect((await refused(more)).message.length).toBeLessThan(200);
    }
    expect(words).toEqual([]);
  });

  it('tells of itself, in its one version', async () => {
    const model = serve();
    const info = {
      name: 'fake',
      versions: ['1'],
      platform: 'kserve_transformer',
      maxBatchSize: Infinity,
      inputs: [{ name: 'words', datatype: 'BYTES', shape: [-1] }],
      outputs: [
        { name: 'length', datatype: 'FP32', shape: [-1] },
        { name: 'response', datatype: 'BYTES', shape: [-1] },
      ],
    };
    expect(await model.metadata(undefined, CALL)).toEqual(info);
    expect(await model.metadata('1', CALL)).toEqual(info);
    const unknown = { code: 'not_found', message: 'Model with name "fake" has no version 01, only 1' };
    expect(await serviceErrorOf(model.metadata('01', CALL))).toMatchObject(unknown);
    expect(await serviceErrorOf(model.isVersionReady('01', CALL))).toMatchObject(unknown);
  });

  it.each([
    [[], true],
    [['face_eye'], false],
  ])('is ready in its version when nothing is missing: %j', async (missing, isReady) => {
    const model = serve({ missingModels: () => Promise.resolve(missing) });
    expect(await model.isVersionReady('1', CALL)).toBe(isReady);
  });
});
