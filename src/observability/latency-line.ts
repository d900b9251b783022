/** The parts of KServe's line in its order, and which of our stages each stands for; KServe's SDK decodes in preprocess. */
const PARTS = {
  preprocess: ['decode', 'preprocess'],
  explain: ['explain'],
  predict: ['predict'],
  postprocess: ['postprocess'],
} as const;

/**
 * The line by which KServe's SDK logs what a request took (logger `kserve.trace`, kserve/model.py); a stage that did not
 * run took 0.
 * @param times milliseconds by stage
 */
export function latencyLine(requestId: string, times: ReadonlyMap<string, number>): string {
  const parts = Object.entries(PARTS).map(([name, stages]) => {
    const ms = stages.reduce((sum, stage) => sum + (times.get(stage) ?? 0), 0);
    return `${name}_ms: ${Math.round(ms * 1000) / 1000}`;
  });
  return `requestId: ${requestId}, ${parts.join(', ')}`;
}
