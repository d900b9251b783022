import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { createMetrics } from '../../src/observability/metrics.js';
import { familiesOf, type MetricFamily, observeEach } from '../helpers/metric-samples.js';

const DATASOURCE = z.object({ type: z.literal('prometheus'), uid: z.literal('${DS_PROMETHEUS}') });
const position = z.object({ h: z.int(), w: z.int(), x: z.int(), y: z.int() });
const row = z.object({ id: z.int(), type: z.literal('row'), title: z.string(), gridPos: position });
const chart = z.object({
  id: z.int(),
  type: z.enum(['timeseries', 'heatmap']),
  title: z.string(),
  description: z.string().min(1),
  datasource: DATASOURCE,
  gridPos: position,
  targets: z
    .array(z.object({ refId: z.string(), datasource: DATASOURCE, expr: z.string(), legendFormat: z.string() }))
    .min(1),
});
const variable = z.discriminatedUnion('type', [
  z.object({ name: z.string(), type: z.literal('datasource'), query: z.literal('prometheus') }),
  z.object({ name: z.string(), type: z.literal('query'), datasource: DATASOURCE, definition: z.string() }),
]);
const dashboard = z.object({
  uid: z.string().max(40),
  title: z.string(),
  schemaVersion: z.int().min(39),
  templating: z.object({ list: z.array(variable) }),
  panels: z.array(z.union([row, chart])),
});

/** What Prometheus adds to each series that it scrapes. */
const SCRAPE_LABELS = ['job', 'instance'];

const { templating, panels, ...rest } = dashboard.parse(
  JSON.parse(readFileSync('deploy/grafana/kserve-transformer.json', 'utf8')),
);
const charts = panels.filter((panel) => panel.type !== 'row');
const targets = charts.flatMap(({ title, targets: of }) => of.map((target) => ({ title, ...target })));
const queries = templating.list.flatMap((one) => (one.type === 'query' ? [one.definition] : []));

/** The metrics that an expression reads, and the labels that it picks them by. */
function selectorsOf(expression: string): readonly { series: string; labels: readonly string[] }[] {
  return Array.from(expression.matchAll(/([a-zA-Z_:][\w:]*)\{([^}]*)\}/g), ([, series = '', matchers = '']) => ({
    series,
    labels: Array.from(matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g), ([, label = '']) => label),
  }));
}

/** The labels that an expression groups by, and those that its legend names. */
function groupingsOf({ expr, legendFormat }: { expr: string; legendFormat: string }): readonly string[] {
  const groups = Array.from(expr.matchAll(/\b(?:by|on|ignoring) \(([^)]*)\)/g), ([, labels = '']) =>
    labels.split(', '),
  );
  return [...groups.flat(), ...Array.from(legendFormat.matchAll(/\{\{(\w+)\}\}/g), ([, label = '']) => label)];
}

describe('deploy/grafana/kserve-transformer.json', () => {
  const bySeries = new Map<string, MetricFamily>();
  let own: readonly MetricFamily[] = [];
  beforeAll(async () => {
    const metrics = createMetrics();
    observeEach(metrics);
    const families = [...familiesOf(await metrics.text()).values()];
    for (const family of families) for (const series of family.series) bySeries.set(series, family);
    own = families.filter(({ name }) => /^(transformer|predictor|request)_/.test(name));
  });

  it('can be imported: an identity, panels of one place each, a variable for the data source', () => {
    expect(rest).toEqual({ uid: 'kserve-transformer', title: 'KServe transformer', schemaVersion: 42 });
    const ids = panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    expect(templating.list.map(({ name }) => name)).toEqual(['DS_PROMETHEUS', 'job', 'instance', 'model_name']);
  });

  it('reads metrics that the service has, by labels that they have', () => {
    expect(targets.length).toBeGreaterThan(25);
    for (const { title, expr, legendFormat } of targets) {
      const selectors = selectorsOf(expr);
      expect([title, selectors.length > 0]).toEqual([title, true]);
      const known = selectors.map(({ series, labels }) => {
        const family = bySeries.get(series);
        if (family === undefined) throw new Error(`${title}: there is no ${series}`);
        const allowed = [...family.labels, ...SCRAPE_LABELS];
        expect([title, series, labels.filter((label) => !allowed.includes(label))]).toEqual([title, series, []]);
        return series.endsWith('_bucket') ? [...allowed, 'le'] : allowed;
      });
      const unknown = groupingsOf({ expr, legendFormat }).filter((label) => !known.flat().includes(label));
      expect([title, unknown]).toEqual([title, []]);
    }
  });

  it('names no metric without saying of which service', () => {
    for (const { title, expr } of targets) {
      const words = expr
        .replace(/\{[^}]*\}/g, '{}')
        .match(/\b(?:transformer|predictor|request|process|nodejs)_\w+(?!\w*\{)/g);
      expect([title, words]).toEqual([title, null]);
      for (const { labels } of selectorsOf(expr))
        expect([title, labels]).toEqual([title, expect.arrayContaining(SCRAPE_LABELS)]);
    }
  });

  it('shows every metric of the service', () => {
    const shown = new Set(
      targets.flatMap(({ expr }) => selectorsOf(expr).map(({ series }) => bySeries.get(series)?.name)),
    );
    expect(own.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });

  it('fills its variables from metrics that the service has', () => {
    for (const query of queries) {
      const { series = '', label = '' } = /^label_values\((?<series>\w+).*, (?<label>\w+)\)$/.exec(query)?.groups ?? {};
      const family = bySeries.get(series);
      expect([query, [...(family?.labels ?? []), ...SCRAPE_LABELS].includes(label), family !== undefined]).toEqual([
        query,
        true,
        true,
      ]);
    }
  });

  it('uses no variable that there is not', () => {
    const known = new Set([...templating.list.map(({ name }) => name), '__rate_interval']);
    const used = [...queries, ...targets.map(({ expr }) => expr)].flatMap((text) =>
      Array.from(text.matchAll(/\$\{?(\w+)/g), ([, name = '']) => name),
    );
    expect(used.filter((name) => !known.has(name))).toEqual([]);
  });
});
