import { chart } from '../../bench/service/chart.mjs';
import { report } from '../../bench/service/report.mjs';
import type { Run } from '../../bench/service/results.mjs';
import { toJson } from '../../bench/service/to-json.mjs';
import { resultsOf, runOf } from './runs.js';

const PEER = runOf({ server: 'kserve-grpc-w2', p99Ms: 12 });
const START = [{ readyMs: 500, answeredMs: 520 }];
/** The cells of each line of a report that holds a text. */
const rows = (text: string, part: string) =>
  text
    .split('\n')
    .filter((line) => line.includes(part))
    .map((line) =>
      line
        .split('|')
        .map((content) => content.trim())
        .slice(1, -1),
    );

describe('report()', () => {
  const reportOn = (own: Partial<Run>, starts = START) =>
    report(resultsOf([runOf({ server: 'ours-http', ...own }), PEER], { 'ours-http': starts }));

  it('says what was reached', () => {
    expect(rows(reportOn({ callsPerSecond: 1800 }), 'equal pixels: KServe')).toEqual([
      [expect.any(String), '32×32', '8', '1.80×', '1.8×', 'reached', '1.00×', 'ours-http v1'],
    ]);
  });

  it.each([
    [false, '`npm run bench -- --write`', '(benchmarks.svg)'],
    [true, '`npm run bench -- --all --write`', '(benchmarks-all.svg)'],
  ])('names the command that makes it and the chart of its run; with all peers: %j', (all, command, chartFile) => {
    const { facts, ...results } = resultsOf([runOf({ server: 'ours-http' })]);
    const text = report({ ...results, facts: { ...facts, all } });
    expect(text).toContain(command);
    expect(text).toContain(chartFile);
  });

  it('says what was missed, and marks what is not to be trusted', () => {
    const [row] = rows(reportOn({ callsPerSecond: 1790, othersCores: 1 }), 'equal pixels: KServe');
    expect(row?.slice(3, 6)).toEqual(['1.79× †', '1.8×', '**missed**']);
  });

  it.each([
    [2100, 'reached, not the aim'],
    [2200, 'reached'],
  ])('tells the aim from the target at %d requests a second', (callsPerSecond, verdict) => {
    const runs = [runOf({ server: 'ours-fast', callsPerSecond }), runOf({ server: 'kserve-grpc-w2-draft' })];
    const [row] = rows(report(resultsOf(runs)), 'reduced decode');
    expect(row?.slice(4, 6)).toEqual(['1.8×, aim 2.2×', verdict]);
  });

  it.each<[string, Partial<Run>, typeof START, string]>([
    ['p99, 32×32, 8 clients, ours-http', { p99Ms: 12.1 }, START, '12.1 ms'],
    ['RSS after load', { rssMiB: 201 }, START, '201 MiB'],
    ['p99, the worst cell', { healthP99Ms: 20.1 }, START, '20.1 ms'],
    ['p99, the worst cell', { healthFailures: 2 }, START, '5.0 ms, 2 times not ready'],
    ['start to ready', {}, [{ readyMs: 601, answeredMs: 700 }], '601 ms'],
  ])('says that %s is missed (case %#)', (what, own, starts, measured) => {
    expect(rows(reportOn({}), what)[0]?.at(-1)).toBe('within');
    const [row] = rows(reportOn(own, starts), what);
    expect([row?.[1], row?.at(-1)]).toEqual([measured, '**missed**']);
  });

  it('has a table of the further peers where such were measured', () => {
    const own = runOf({ server: 'ours-http', callsPerSecond: 1500 });
    expect(report(resultsOf([own, PEER]))).not.toContain('Further peers');
    const text = report(resultsOf([own, runOf({ server: 'litserve-w2', callsPerSecond: 500 })]));
    expect(rows(text, '| litserve-w2 |')[0]).toEqual(['litserve-w2', '32×32', '8', '500', '3.00×']);
  });

  it('holds the median of a cell’s rounds against a bound, and not the worst of them', () => {
    const runs = [300, 190, 180].map((rssMiB, round) => runOf({ server: 'ours-http', round, rssMiB }));
    const [row] = rows(report(resultsOf(runs)), 'RSS after load');
    expect([row?.[1], row?.at(-1)]).toEqual(['190 MiB', 'within']);
  });

  it('gives medians with the least and the greatest, all errors and the disturbed runs of a cell', () => {
    const runs = [400, 300, 500].map((callsPerSecond, round) =>
      runOf({ server: 'ours-grpc', round, callsPerSecond, errors: round, othersCores: round === 0 ? 0.2 : 0.1 }),
    );
    const [row] = rows(report(resultsOf(runs)), '| ours-grpc v1 |');
    expect(row?.slice(0, 3)).toEqual(['ours-grpc v1', '8', '400 (300–500)']);
    expect(row?.slice(-2)).toEqual(['3', '1']);
  });

  it('has the floors, the starts and the classes', () => {
    const text = reportOn({}, [...START, { readyMs: 510, answeredMs: 900 }]);
    expect(text).toContain('| gRPC, by h2load | 8 | 7079 | 1.07 | 1.47 |');
    expect(text).toContain('| 640×480 | 1.540 | 0.980 |');
    expect(text).toContain('| ours-http | 500 (500–510) | 520 (520–900) |');
    expect(text).toContain('| 32×32 | ours-http v1 | 2 |');
  });
});

describe('chart()', () => {
  it('has a bar for each server, the longest for the most requests', () => {
    const svg = chart({ runs: [runOf({ server: 'ours-http', callsPerSecond: 2000 }), PEER] });
    const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
    expect(widths).toHaveLength(2);
    expect((widths[0] ?? 0) / (widths[1] ?? 1)).toBeCloseTo(2, 2);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 860 \d+"/);
    expect(svg).toContain('>ours-http v1</text>');
  });

  it('leaves out other numbers of clients, and escapes', () => {
    const svg = chart({ runs: [runOf({ server: 'a<b&c' }), runOf({ server: 'other', clients: 32 })] });
    expect(svg).toContain('a&lt;b&amp;c v1');
    expect(svg).not.toContain('other');
  });
});

describe('toJson()', () => {
  it('rounds to four digits, and leaves whole numbers', () => {
    expect(JSON.parse(toJson({ a: 1.23456, b: 123456, c: 0.000123456 }))).toEqual({
      a: 1.235,
      b: 123456,
      c: 0.0001235,
    });
  });
});
