import { setImmediate } from 'node:timers/promises';
import { abortReason } from '../../concurrency/deadline.js';
import type { WorkerPool } from '../../concurrency/worker-pool.js';
import { ServiceError } from '../../errors.js';
import type { Place } from '../../imaging/letterbox.js';
import { decimals } from '../decimals.js';
import { type Candidates, readCandidates } from './candidates.js';
import type { Predicted } from './predict.js';
import type { DetectionSettings } from './settings.js';
import { type Boxes, isQuick, suppress, suppressJob } from './suppress.js';

/** One thing that was found. */
interface Detection {
  /** Left, upper, right and lower edge as shares of the upright picture's width and height, 0..1. */
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  /** 0..1: objectness times the class's score. */
  readonly confidence: number;
  /** The class's name. */
  readonly class: string;
}

/** What was found in one picture, by falling confidence. */
export type HelmetDetectionResult = readonly Detection[];

/** Six digits behind the point: a thousandth of a pixel in the largest picture, and more than float32 has. */
const DECIMALS = 6;

/**
 * Turns the model's output into detections, picture by picture.
 *
 * The output is looked through where it lies, slice by slice, so that the event loop has its turn in between; many
 * candidates are compared on a worker thread.
 * @throws ServiceError `upstream_error` naming the model when a place of interest holds a number that is not finite
 */
export async function postprocess(
  { model, pictures }: Predicted,
  settings: DetectionSettings,
  { workers, signal }: { readonly workers: Pick<WorkerPool, 'run'>; readonly signal: AbortSignal },
): Promise<readonly HelmetDetectionResult[]> {
  const found: { readonly candidates: Candidates; readonly place: Place }[] = [];
  for (const [index, { output, place }] of pictures.entries()) {
    if (index > 0) await setImmediate();
    const candidates = await inSlices(readCandidates(output, settings.candidates), signal);
    if (candidates.broken > 0) throw notFinite(model, candidates);
    found.push({ candidates, place });
  }
  return Promise.all(
    found.map(async ({ candidates, place }) => {
      const boxes = await boxesOf(candidates, settings, { workers, signal });
      return toDetections(boxes, place, settings.labels);
    }),
  );
}

/** Lets others have their turn after each step. */
async function inSlices<Result>(steps: Generator<undefined, Result>, signal: AbortSignal): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await setImmediate();
    if (signal.aborted) throw abortReason(signal);
  }
}

async function boxesOf(
  { corners, scores, classes }: Candidates,
  { nms, isClassAgnostic }: DetectionSettings,
  { workers, signal }: { readonly workers: Pick<WorkerPool, 'run'>; readonly signal: AbortSignal },
): Promise<Boxes> {
  const input = { corners, scores, classes, isClassAgnostic, nms };
  return isQuick(input) ? suppress(input) : workers.run(suppressJob, input, { signal });
}

/**
 * Boxes in the model's input to boxes in the picture, which lay at `place` there. What lies beside it, in a letterbox's
 * bars, is left out.
 */
function toDetections({ corners, scores, classes }: Boxes, place: Place, labels: readonly string[]): Detection[] {
  const { left, top, widthPx, heightPx } = place;
  const across = (x: number) => Math.min(1, Math.max(0, (x - left) / widthPx));
  const down = (y: number) => Math.min(1, Math.max(0, (y - top) / heightPx));
  const detections: Detection[] = [];
  scores.forEach((score, index) => {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = corners.subarray(4 * index, 4 * index + 4);
    const box = { x1: across(x1), y1: down(y1), x2: across(x2), y2: down(y2) };
    if (box.x2 <= box.x1 || box.y2 <= box.y1) return;
    detections.push({
      ...{
        x1: decimals(box.x1, DECIMALS),
        y1: decimals(box.y1, DECIMALS),
        x2: decimals(box.x2, DECIMALS),
        y2: decimals(box.y2, DECIMALS),
      },
      confidence: decimals(score, DECIMALS),
      class: labels[classes[index] ?? 0] ?? '',
    });
  });
  return detections;
}

function notFinite(model: string, { broken }: Candidates): ServiceError {
  const message = `Model ${model} answered what it cannot have meant: numbers that are not finite for ${broken} places of a picture`;
  return new ServiceError('upstream_error', message);
}
