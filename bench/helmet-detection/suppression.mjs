/**
 * How long it takes to turn a detector's output into boxes: `npm run build && node bench/helmet-detection/suppression.mjs`.
 *
 * 25,200 places, as YOLOv5 has them at 640 × 640, of which 1,000 are above the thresholds, lie about 40 middles with boxes
 * of five sizes; the median and the 95th percentile of 300 rounds, after 50 that are not counted. Also what it would take to
 * copy the output to where a worker thread sees it.
 */
import { allCandidates } from '../../dist/transformers/helmet-detection/candidates.js';
import { suppress } from '../../dist/transformers/helmet-detection/suppress.js';

const PLACES = 25_200;
const WARM_UP = 50;
const ROUNDS = 300;

/** Numbers from 0 to below 1: Marsaglia's xorshift32. */
let state = 7;
function random() {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 2 ** 32;
}

/** `[places, 5 + classes]`, so many of them likely. */
function rows(classes, likely) {
  const width = 5 + classes;
  const values = new Float32Array(PLACES * width);
  const middles = Array.from({ length: 40 }, () => [640 * random(), 640 * random()]);
  const chosen = new Set();
  while (chosen.size < likely) chosen.add(Math.floor(PLACES * random()));
  for (let place = 0; place < PLACES; place++) {
    const at = place * width;
    const [x, y] = middles[Math.floor(40 * random())];
    values.set([x + 30 * random(), y + 30 * random(), 8 + 60 * random(), 8 + 60 * random()], at);
    values[at + 4] = chosen.has(place) ? 0.6 + 0.4 * random() : 0.2 * random();
    for (let label = 0; label < classes; label++) values[at + 5 + label] = 0.2 * random();
    values[at + 5 + (place % classes)] = 0.6 + 0.4 * random();
  }
  return values;
}

/** `[4 + classes, places]` of the same: YOLOv8 has no objectness, so that it goes into the classes. */
function columns(values, classes) {
  const width = 5 + classes;
  const turned = new Float32Array(PLACES * (4 + classes));
  for (let place = 0; place < PLACES; place++) {
    for (let field = 0; field < 4; field++) turned[field * PLACES + place] = values[place * width + field];
    for (let label = 0; label < classes; label++) {
      turned[(4 + label) * PLACES + place] = values[place * width + 5 + label] * values[place * width + 4];
    }
  }
  return turned;
}

function time(name, work) {
  for (let round = 0; round < WARM_UP; round++) work();
  const times = Array.from({ length: ROUNDS }, () => {
    const startedAt = performance.now();
    work();
    return performance.now() - startedAt;
  }).sort((a, b) => a - b);
  const [median, late] = [0.5, 0.95].map((share) => times[Math.floor(share * ROUNDS)].toFixed(3));
  console.log(`${name.padEnd(64)} ${median.padStart(8)} ${late.padStart(8)}`);
}

console.log(`${'ms'.padEnd(64)} ${'median'.padStart(8)} ${'p95'.padStart(8)}`);
for (const classes of [2, 80]) {
  for (const likely of [30, 150, 1000]) {
    const wanted = { objectness: 0.25, confidence: 0.25, isMultiLabel: false, isWanted: new Array(classes).fill(true) };
    const nms = { iouThreshold: 0.45, maxCandidates: 30_000, maxKept: 300 };
    const of5 = { values: rows(classes, likely), layout: 'yolov5', places: PLACES, classes };
    const of8 = { values: columns(of5.values, classes), layout: 'yolov8', places: PLACES, classes };
    const candidates = allCandidates(of5, wanted);
    const input = { ...candidates, isClassAgnostic: false, nms };
    const what = `${classes} classes, ${likely} likely`;
    time(`${what}: read YOLOv5's`, () => allCandidates(of5, wanted));
    time(`${what}: read YOLOv8's`, () => allCandidates(of8, wanted));
    time(`${what}: suppress, ${suppress(input).scores.length} left`, () => suppress(input));
  }
  const values = rows(classes, 10);
  const shared = new Float32Array(new SharedArrayBuffer(values.byteLength));
  time(`${classes} classes: copy YOLOv5's to shared memory`, () => shared.set(values));
}
