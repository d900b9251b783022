import { classProbability, softmax } from '../../src/transformers/softmax.js';

describe('softmax()', () => {
  it('agrees with the reference', () => {
    const expected = [0.7594732046127319, 0.02293410338461399, 0.21759270131587982];
    softmax(Float32Array.of(1.5, -2, 0.25)).forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 6));
  });

  it.each([
    { logits: [3e38, -3e38], expected: [1, 0] },
    { logits: [-3e38, -3e38], expected: [0.5, 0.5] },
  ])('stays finite for the logits $logits', ({ logits, expected }) => {
    expect(softmax(Float32Array.from(logits))).toEqual(expected);
  });
});

describe('classProbability()', () => {
  it('is the probability of the class by its name', () => {
    expect(classProbability(Float32Array.of(0, Math.log(3)), ['no', 'yes'], 'yes')).toBeCloseTo(0.75, 6);
  });
});
