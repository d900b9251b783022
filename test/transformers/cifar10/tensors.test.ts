import { readFileSync } from 'node:fs';
import type { InferRequest } from '../../../src/predictor/predictor.js';
import type { AnyTensor } from '../../../src/tensor.js';
import { plainCall, serveCifar10 } from '../../helpers/served-cifar10.js';

const PNG = readFileSync(new URL('../../fixtures/imaging/odd.png', import.meta.url));
const BASE64 = Buffer.from(PNG.toString('base64'));
/** Not one of them is a short decimal: they come through only when nobody rounds them. */
const LOGITS = Float32Array.from({ length: 10 }, (_, i) => Math.fround((i - 4.5) / 7));

/** The same for every picture. */
const serve = () => serveCifar10({ logitsOf: () => [...LOGITS] });

function request(elements: readonly Uint8Array[], changes: Partial<InferRequest> = {}): InferRequest {
  const image: AnyTensor = { datatype: 'BYTES', shape: [elements.length], data: elements };
  return { model: 'cifar10', inputs: new Map([['image', image]]), ...changes };
}

function responsesOf(outputs: ReadonlyMap<string, AnyTensor>): unknown[] {
  const tensor = outputs.get('response');
  if (tensor?.datatype !== 'BYTES') throw new TypeError('response is no BYTES tensor');
  return tensor.data.map((element) => JSON.parse(Buffer.from(element).toString()) as unknown);
}

describe('cifar10 over the Open Inference Protocol', () => {
  it('answers the predictor’s logits unchanged, for bytes and base64 alike', async () => {
    const { outputs } = await serve().model.infer(request([PNG, BASE64]), plainCall());
    expect([...outputs.keys()]).toEqual(['OUTPUT__0', 'response']);
    expect(outputs.get('OUTPUT__0')).toEqual({
      datatype: 'FP32',
      shape: [2, 10],
      data: Float32Array.from([...LOGITS, ...LOGITS]),
    });
    const prediction = { label: 'truck', index: 9, logits: [...LOGITS] };
    expect(responsesOf(outputs)).toEqual([prediction, prediction]);
  });

  it('answers NaN in place of a bad item’s logits, and says in its response why', async () => {
    const bad = Buffer.from('not a picture');
    const { outputs } = await serve().model.infer(request([PNG, bad, PNG]), plainCall());
    expect(outputs.get('OUTPUT__0')?.data).toEqual(
      Float32Array.from([...LOGITS, ...new Float32Array(10).fill(NaN), ...LOGITS]),
    );
    expect(responsesOf(outputs)[1]).toEqual({
      error: { code: 'unprocessable', message: expect.stringMatching(/^inputs\[0\]\.data\[1\]: not a picture/) },
    });
  });

  it('refuses a request in which every item is bad', async () => {
    const answer = serve().model.infer(request([Buffer.from([0, 1, 2, 3])]), plainCall());
    await expect(answer).rejects.toMatchObject({
      code: 'unprocessable',
      message: expect.stringMatching(/^inputs\[0\]\.data\[0\]: not a picture/),
    });
  });

  it.each([['OUTPUT__0'], ['response']])('answers %s alone when only that is asked for', async (name) => {
    const { outputs } = await serve().model.infer(request([PNG], { outputs: [name] }), plainCall());
    expect([...outputs.keys()]).toEqual([name]);
  });

  it('describes itself: pictures in, logits and responses out', async () => {
    expect(await serve().model.metadata(undefined, plainCall())).toMatchObject({
      name: 'cifar10',
      inputs: [{ name: 'image', datatype: 'BYTES', shape: [-1] }],
      outputs: [
        { name: 'OUTPUT__0', datatype: 'FP32', shape: [-1, 10] },
        { name: 'response', datatype: 'BYTES', shape: [-1] },
      ],
    });
  });

  it('has no explanations', async () => {
    await expect(serve().model.explain(request([PNG]), plainCall())).rejects.toMatchObject({
      code: 'unimplemented',
      message: 'This model has no :explain',
    });
  });
});
