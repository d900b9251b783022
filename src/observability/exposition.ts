/** The content type of metrics in the OpenMetrics text format. */
export const OPENMETRICS_CONTENT_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/**
 * Whether who asks for metrics would rather have OpenMetrics than the Prometheus text format.
 * @param accept the header `Accept`
 */
export function prefersOpenMetrics(accept: string | undefined): boolean {
  const weights = new Map<string, number>();
  for (const range of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    weights.set(type, Math.max(weights.get(type) ?? 0, weightOf(parameters)));
  }
  const openMetrics = weights.get('application/openmetrics-text') ?? 0;
  return openMetrics > 0 && openMetrics >= (weights.get('text/plain') ?? 0);
}

function weightOf(parameters: readonly string[]): number {
  const given = parameters.find((parameter) => parameter.startsWith('q='));
  return given === undefined ? 1 : Number(given.slice(2)) || 0;
}

/**
 * Writes the buckets' bounds as floating-point numbers, `le="1.0"`, as Python's prometheus_client does in either format
 * and Prometheus 3 whatever it reads: so the series are the same whoever serves them.
 */
export function withCanonicalBounds(text: string): string {
  return text.replace(/(?<=[{,]le=")(\d+)(?=")/g, '$1.0');
}

/**
 * Turns Prometheus' text format into that of OpenMetrics: families of counters are named without `_total`, no lines are
 * empty, and the last says that it is. prom-client's own way renames the counters for good.
 * https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function toOpenMetrics(text: string): string {
  const counters = new Set(Array.from(text.matchAll(/^# TYPE (\S+)_total counter$/gm), ([, family]) => family));
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { head, family, rest } =
        /^(?<head># (?:HELP|TYPE) )(?<family>\S+)_total(?<rest> .*)$/.exec(line)?.groups ?? {};
      return counters.has(family) ? `${head ?? ''}${family ?? ''}${rest ?? ''}` : line;
    });
  return [...lines, '# EOF', ''].join('\n');
}
