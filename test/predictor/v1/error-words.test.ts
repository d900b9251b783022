import { errorWords } from '../../../src/predictor/v1/error-words.js';

describe('errorWords()', () => {
  it.each([
    ["KServe's SDK", '{"error":"Expected \\"instances\\" to be a list"}', 'Expected "instances" to be a list'],
    ['FastAPI', '{"detail":"Not Found"}', 'Not Found'],
    [
      "FastAPI's list",
      '{"detail":[{"loc":["body"],"msg":"field required"}]}',
      '[{"loc":["body"],"msg":"field required"}]',
    ],
    [
      'TorchServe',
      '{"code":404,"type":"ModelNotFoundException","message":"Model not found: mnist"}',
      'Model not found: mnist',
    ],
    ['one that says it twice', '{"message":"no","error":"the model said no"}', 'the model said no'],
    ['a text', ' upstream connect error \n', 'upstream connect error'],
    ['JSON of another kind', '["no"]', '["no"]'],
    ['JSON without such a field', '{"reason":"no"}', '{"reason":"no"}'],
    ['a page', '<html><body>502 Bad Gateway</body></html>', ''],
    ['nothing', '', ''],
  ])('finds those of %s', (_, body, words) => {
    expect(errorWords(Buffer.from(body))).toBe(words);
  });

  it('reads no more than a message can be long', () => {
    expect(errorWords(Buffer.alloc(1_000_000, 'x'))).toHaveLength(64 * 1024);
  });
});
