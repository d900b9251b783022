import { rm } from 'node:fs/promises';
import { compileSamples, samplesOf } from './samples.js';

describe('docs/triton-client.md', () => {
  it('holds programs that compile strictly, each of which says what it prints', async () => {
    const samples = await samplesOf('docs/triton-client.md');
    expect(samples.length).toBeGreaterThan(10);
    expect(samples.filter(({ prints }) => prints.length === 0).map(({ title }) => title)).toEqual([]);
    const { folder, problems } = await compileSamples(samples.map(({ code }) => code));
    await rm(folder, { recursive: true });
    expect(problems).toBe('');
  });
});
