import { ServiceError } from '../../src/errors.js';
import { type AnswerForms, toExplanation, toPrediction, toResponse } from '../../src/transformers/item-answers.js';

const FAILED = { error: new ServiceError('unprocessable', 'instances[1]: not a picture', { cause: 'secret' }) };
const AS_JSON = { code: 'unprocessable', message: 'instances[1]: not a picture' };
const ITEM = { path: 'instances[0]', value: { caption: 'a cat' } };

const forms: AnswerForms = { toPrediction: (result, { value }) => ({ result: result as unknown, value }) };

describe('toPrediction()', () => {
  it('gives a result as the transformer has it, which sees what the client sent', () => {
    expect(toPrediction(forms, { result: 1 }, ITEM)).toEqual({ result: 1, value: { caption: 'a cat' } });
  });

  it('gives an error in its place', () => {
    expect(toPrediction(forms, FAILED, ITEM)).toEqual({ error: AS_JSON });
  });
});

describe('toExplanation()', () => {
  it('gives what explains an item, or its error', () => {
    expect(toExplanation({ result: [{ sharpness: 0.1 }] })).toEqual([{ sharpness: 0.1 }]);
    expect(toExplanation(FAILED)).toEqual({ error: AS_JSON });
  });
});

describe('toResponse()', () => {
  const own: NonNullable<AnswerForms['toResponse']> = (result, extraInfo) => ({
    data: [{ score: result as number }],
    extra_info: { ...extraInfo, source: 'fake' },
  });

  it('gives a result as the transformer has it', () => {
    expect(toResponse(own, { result: 1 }, { type: 'a' })).toEqual({
      data: [{ score: 1 }],
      extra_info: { type: 'a', source: 'fake' },
    });
  });

  it('gives an error with no data, and with what is echoed of the request', () => {
    const extraInfo = { type: 'a', source: 'client', others: [{ key: 'k', value: 1 }], more: true };
    expect(toResponse(own, FAILED, extraInfo)).toEqual({
      data: [],
      extra_info: { type: 'a', others: [{ key: 'k', value: 1 }], error: AS_JSON },
    });
    expect(toResponse(own, FAILED, undefined)).toEqual({ data: [], extra_info: { error: AS_JSON } });
  });
});
