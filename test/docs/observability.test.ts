import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { latencyLine } from '../../src/observability/latency-line.js';
import { createMetrics } from '../../src/observability/metrics.js';
import { familiesOf, observeEach } from '../helpers/metric-samples.js';

const document = readFileSync('docs/observability.md', 'utf8');
const source = readFileSync('src/observability/tracing-settings.ts', 'utf8');

async function families() {
  const metrics = createMetrics();
  observeEach(metrics);
  return familiesOf(await metrics.text());
}

describe('docs/observability.md', () => {
  it('lists the metrics of the service with their types and labels', async () => {
    const own = [...(await families()).values()].filter(({ name }) => /^(request|transformer|predictor)_/.test(name));
    const rows = Array.from(
      document.matchAll(/^\| `(\w+)` *\| (\w+) +\| ([^|]*?) *\|/gm),
      ([, name = '', type = '', labels = '']) => [name, type, labels],
    );
    const inCode = [...own].map(({ name, type, labels }) => [
      name,
      type,
      [...labels].map((label) => `\`${label}\``).join(' '),
    ]);
    expect(rows.toSorted()).toEqual(inCode.toSorted());
  });

  it('names metrics of the process that there are', async () => {
    const known = await families();
    const named = Array.from(document.matchAll(/`((?:process|nodejs)_\w+)`/g), ([, name = '']) => name);
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it('lists the variables of tracing that are read, and no others', () => {
    const rows = document.split('\n').filter((line) => line.startsWith('| `OTEL_'));
    const listed = rows.flatMap((row) => row.split(' | ')[0]?.match(/OTEL_\w+/g) ?? []);
    const read = new Set(source.match(/OTEL_\w+/g));
    expect(listed.toSorted()).toEqual([...read].toSorted());
  });

  it('shows lines that are JSON, and the line of KServe as it is made of one of them', () => {
    const lines = (/```json\n(.*?)```/s.exec(document)?.[1] ?? '').trim().split('\n');
    const [first] = lines.map((line) => JSON.parse(line) as { requestId: string; stagesMs: Record<string, number> });
    expect(lines).toHaveLength(2);
    expect(document).toContain(latencyLine(first?.requestId ?? '', new Map(Object.entries(first?.stagesMs ?? {}))));
  });

  it('points to files that there are', () => {
    const links = Array.from(document.matchAll(/\]\((?!https?:|#)([^)#]+)/g), ([, link = '']) =>
      path.join('docs', link),
    );
    const commands = Array.from(document.matchAll(/node (bench\S+\.mjs)/g), ([, file = '']) => file);
    expect(links.length + commands.length).toBeGreaterThan(2);
    expect([...links, ...commands].filter((file) => !existsSync(file))).toEqual([]);
  });
});
