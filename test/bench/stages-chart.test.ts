import { stagesChart } from '../../bench/service/stages-chart.mjs';
import { runOf } from './runs.js';

describe('stagesChart()', () => {
  it('stacks the parts of a request’s CPU time', () => {
    const costs = { serverCpuMsPerCall: 3, tritonCpuMsPerCall: 0.5, generatorCpuMsPerCall: 0.5 };
    const floors = { decode: { vga: { exact: 2, fast: 1 } } };
    const svg = stagesChart({ runs: [runOf({ server: 'ours-http', body: 'vga', ...costs })], floors });
    const widths = Array.from(svg.matchAll(/<rect [^>]*width="([\d.]+)" height="18"/g), ([, width]) => Number(width));
    expect(widths).toEqual([290, 145, 72.5, 72.5]);
    expect(svg).toContain('4.00 ms');
  });
});
