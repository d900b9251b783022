import { latencyLine } from '../../src/observability/latency-line.js';

describe('latencyLine()', () => {
  it.each<[string, [string, number][], string]>([
    [
      'a prediction',
      [
        ['queue', 7],
        ['decode', 3.2],
        ['preprocess', 1.0504],
        ['predict', 12.34567],
        ['face_detect', 5],
        ['postprocess', 0.5],
      ],
      'requestId: r1, preprocess_ms: 4.25, explain_ms: 0, predict_ms: 12.346, postprocess_ms: 0.5',
    ],
    [
      'an explanation',
      [
        ['decode', 2],
        ['explain', 250],
      ],
      'requestId: r1, preprocess_ms: 2, explain_ms: 250, predict_ms: 0, postprocess_ms: 0',
    ],
    [
      'a request that was refused',
      [],
      'requestId: r1, preprocess_ms: 0, explain_ms: 0, predict_ms: 0, postprocess_ms: 0',
    ],
  ])('tells of %s as KServe does', (_, times, line) => {
    expect(latencyLine('r1', new Map(times))).toBe(line);
  });

  it('writes no exponents for times too short to tell', () => {
    expect(latencyLine('r1', new Map([['predict', 1e-9]]))).toContain('predict_ms: 0,');
  });
});
