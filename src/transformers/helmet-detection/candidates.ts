import type { BoxList } from '../../imaging/nms.js';
import type { Layout } from './layout.js';

/** One picture's part of the model's output, and how it lies there. */
export interface OutputView {
  readonly values: Float32Array;
  readonly layout: Layout;
  /** How many places of the picture the model looks at. */
  readonly places: number;
  readonly classes: number;
}

/** What is taken for a candidate. */
export interface CandidateOptions {
  /** Places of no higher objectness hold nothing; yolov8 has none. */
  readonly objectness: number;
  /** And so has a class of no higher confidence. */
  readonly confidence: number;
  /** Whether a place may be of several classes; else it is of its best one. */
  readonly isMultiLabel: boolean;
  /** Whether each class is wanted. */
  readonly isWanted: readonly boolean[];
}

/** Boxes that the model takes for something, in the order of its places, then of classes; in pixels of its input. */
export interface Candidates extends Required<BoxList> {
  readonly scores: Float64Array;
  /** Places that had to be looked at and hold a number that is not finite; they are left out. */
  readonly broken: number;
}

/** The middle, width and height of a box; classes follow, after the objectness where there is one. */
const BOX_FIELDS = 4;

/**
 * So many values are looked at in one go: some 0.1 ms on one core (bench/helmet-detection/suppression.mjs). The output
 * lies where the event loop alone sees it, and to copy it elsewhere takes longer than to look it through.
 */
const SLICE_VALUES = 50_000;

/**
 * Reads what YOLO detectors answer (Redmon and Farhadi, "YOLOv3: An Incremental Improvement", 2018, 2.1, in the form that
 * YOLOv5 and YOLOv8 export), in slices between which others may have their turn. Products and corners are computed in
 * float64: of float32 factors products are exact.
 */
export function readCandidates(output: OutputView, options: CandidateOptions): Generator<undefined, Candidates> {
  return output.layout === 'yolov5' ? readRows(output, options) : readColumns(output, options);
}

/** As readCandidates, in one go. */
export function allCandidates(output: OutputView, options: CandidateOptions): Candidates {
  const steps = readCandidates(output, options);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** `[places, 5 + classes]`. */
function* readRows(
  { values, places, classes }: OutputView,
  options: CandidateOptions,
): Generator<undefined, Candidates> {
  const width = BOX_FIELDS + 1 + classes;
  const list = createList(options);
  let looked = 0;
  for (let place = 0, at = 0; place < places; place++, at += width) {
    const objectness = values[at + BOX_FIELDS] ?? 0;
    looked++;
    // Not `>`: what is no number is looked at, and found to be broken.
    if (!(objectness <= options.objectness)) {
      list.add(values, { at, step: 1, firstClass: at + BOX_FIELDS + 1, classes, objectness });
      looked += 2 * width;
    }
    if (looked >= SLICE_VALUES) {
      looked = 0;
      yield;
    }
  }
  return list.end();
}

/** `[4 + classes, places]`: a class's scores lie side by side, so they are gone through class by class. */
function* readColumns(
  { values, places, classes }: OutputView,
  options: CandidateOptions,
): Generator<undefined, Candidates> {
  const isLikely = new Uint8Array(places);
  const end = (BOX_FIELDS + classes) * places;
  for (let from = BOX_FIELDS * places; from < end; from += SLICE_VALUES) {
    markLikely(isLikely, values, { from, to: Math.min(end, from + SLICE_VALUES), least: options.confidence });
    yield;
  }
  const list = createList(options);
  let looked = 0;
  for (let place = isLikely.indexOf(1); place !== -1; place = isLikely.indexOf(1, place + 1)) {
    const firstClass = BOX_FIELDS * places + place;
    list.add(values, { at: place, step: places, firstClass, classes, objectness: 1 });
    looked += 4 * (BOX_FIELDS + classes);
    if (looked >= SLICE_VALUES) {
      looked = 0;
      yield;
    }
  }
  return list.end();
}

/** Marks the places of the values that are above `least`, or no numbers. */
function markLikely(
  isLikely: Uint8Array,
  values: Float32Array,
  { from, to, least }: { from: number; to: number; least: number },
): void {
  let place = from % isLikely.length;
  for (let at = from; at < to; at++) {
    if (!((values[at] ?? 0) <= least)) isLikely[place] = 1;
    if (++place === isLikely.length) place = 0;
  }
}

/** Where a place's values lie. */
interface Place {
  readonly at: number;
  readonly step: number;
  readonly firstClass: number;
  readonly classes: number;
  readonly objectness: number;
}

const FIRST_CAPACITY = 512;

/** A list of candidates that grows. */
function createList({ confidence, isMultiLabel, isWanted }: CandidateOptions) {
  let corners = new Float64Array(BOX_FIELDS * FIRST_CAPACITY);
  let scores = new Float64Array(FIRST_CAPACITY);
  let labels = new Uint16Array(FIRST_CAPACITY);
  let count = 0;
  let broken = 0;

  const push = (values: Float32Array, { at, step }: Place, score: number, label: number) => {
    if (count === scores.length) {
      corners = grown(corners, new Float64Array(2 * corners.length));
      scores = grown(scores, new Float64Array(2 * count));
      labels = grown(labels, new Uint16Array(2 * count));
    }
    const x = values[at] ?? 0;
    const y = values[at + step] ?? 0;
    const halfWidth = (values[at + 2 * step] ?? 0) / 2;
    const halfHeight = (values[at + 3 * step] ?? 0) / 2;
    corners[4 * count] = x - halfWidth;
    corners[4 * count + 1] = y - halfHeight;
    corners[4 * count + 2] = x + halfWidth;
    corners[4 * count + 3] = y + halfHeight;
    scores[count] = score;
    labels[count] = label;
    count++;
  };

  return {
    add: (values: Float32Array, place: Place): void => {
      const { step, firstClass, classes, objectness } = place;
      if (!isWhole(values, place)) {
        broken++;
        return;
      }
      let best = -1;
      let bestScore = -Infinity;
      for (let label = 0; label < classes; label++) {
        const score = (values[firstClass + label * step] ?? 0) * objectness;
        if (isMultiLabel && score > confidence && isWanted[label] === true) push(values, place, score, label);
        if (score > bestScore) {
          best = label;
          bestScore = score;
        }
      }
      if (!isMultiLabel && bestScore > confidence && isWanted[best] === true) push(values, place, bestScore, best);
    },
    end: (): Candidates => ({
      corners: corners.slice(0, BOX_FIELDS * count),
      scores: scores.slice(0, count),
      classes: labels.slice(0, count),
      broken,
    }),
  };
}

function isWhole(values: Float32Array, { at, step, firstClass, classes, objectness }: Place): boolean {
  // A sum is finite when all its parts are; it cannot overflow, since float32 values are far from float64's end.
  let sum = objectness;
  for (let field = 0; field < BOX_FIELDS; field++) sum += values[at + field * step] ?? 0;
  for (let label = 0; label < classes; label++) sum += values[firstClass + label * step] ?? 0;
  return Number.isFinite(sum);
}

function grown<List extends Float64Array | Uint16Array>(list: List, larger: List): List {
  larger.set(list);
  return larger;
}
