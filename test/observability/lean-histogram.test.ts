import { Histogram, Registry } from 'prom-client';
import { createLeanHistogram } from '../../src/observability/lean-histogram.js';

const SETTINGS = { name: 'time_seconds', help: 'Time.', buckets: [0.1, 1, 10] };

describe('createLeanHistogram()', () => {
  it('shows what prom-client’s own histogram shows', async () => {
    const lean = new Registry();
    const own = new Registry();
    const histogram = createLeanHistogram({ ...SETTINGS, labelNames: ['model', 'stage'], register: lean });
    const reference = new Histogram({ ...SETTINGS, labelNames: ['model', 'stage'], registers: [own] });
    for (const [model, stage, seconds] of [
      ['a', 'x', 0.1],
      ['a', 'y', 0.100001],
      ['a', 'x', 1],
      ['b"\\\n', 'x', 11],
      ['a', 'x', 0],
      ['a', 'x', 3.25],
    ] as const) {
      histogram.observe([model, stage], seconds);
      reference.observe({ model, stage }, seconds);
    }
    expect(sorted(await lean.metrics())).toEqual(sorted(await own.metrics()));
    expect(await lean.metrics()).toContain('time_seconds_bucket{le="0.1",model="a",stage="x"} 2');
  });

  it('shows its name and kind when nothing was observed', async () => {
    const register = new Registry();
    createLeanHistogram({ ...SETTINGS, labelNames: ['model'], register });
    expect(await register.metrics()).toBe('# HELP time_seconds Time.\n# TYPE time_seconds histogram\n');
  });
});

/** A series' labels may stand in any order. */
function sorted(text: string): string[] {
  return text.split('\n').map((line) => {
    return line.replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(',').sort().join(',')}}`);
  });
}
