import { createRetryBudget } from '../../../../src/predictor/triton/calls/retry-budget.js';

/** How many retries a budget gives until it has none. */
function spend(budget: ReturnType<typeof createRetryBudget>): number {
  let count = 0;
  while (budget.withdraw()) count++;
  return count;
}

describe('createRetryBudget()', () => {
  it('begins with its reserve', () => {
    expect(spend(createRetryBudget(0.1))).toBe(100);
  });

  it('saves no more than its reserve, however many calls there are', () => {
    const budget = createRetryBudget(1);
    for (let calls = 0; calls < 1000; calls++) budget.deposit();
    expect(spend(budget)).toBe(100);
  });

  it.each([
    [0.25, 40, 10],
    [1, 3, 3],
    [0, 1000, 0],
  ])('gives with a ratio of %d for %i calls %i retries', (ratio, calls, retries) => {
    const budget = createRetryBudget(ratio);
    spend(budget);
    for (let call = 0; call < calls; call++) budget.deposit();
    expect(spend(budget)).toBe(retries);
  });
});
