import { within } from '../../src/concurrency/within.js';

const never = new Promise<never>(() => undefined);

describe('within()', () => {
  it('gives what the work comes to', async () => {
    expect(await within(10_000, Promise.resolve('done'), () => 'late')).toBe('done');
  });

  it('passes the failure of the work on', async () => {
    await expect(within(10_000, Promise.reject(new Error('failed')), () => 'late')).rejects.toThrow('failed');
  });

  it('gives what is said for when the time is over, or throws it', async () => {
    expect(await within(1, never, () => 'late')).toBe('late');
    const refuse = (): never => {
      throw new Error('too late');
    };
    await expect(within(1, never, refuse)).rejects.toThrow('too late');
  });
});
