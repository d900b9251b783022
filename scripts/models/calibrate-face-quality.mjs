/**
 * Fits the logistic of quality-head.mjs: `node scripts/models/calibrate-face-quality.mjs`, after `npm run models`.
 *
 * The face of every face picture in samples/faces (the square about the detector's box, as high as it) is resized to
 * 112 × 112 and put through face_embedding; centre and width are the least squares of logistic(length of the embedding)
 * against quality / 100 of golden.json, by Gauss-Newton. Prints the fit, its residual, and how well the length orders
 * the pictures at all, on the faces and on the whole pictures.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const SIDE = 112;

const golden = JSON.parse(await readFile(path.join(PROJECT, 'test/fixtures/faces/golden.json'), 'utf8'));
const session = await InferenceSession.create(path.join(PROJECT, 'triton-models/face_embedding/1/model.onnx'));
const faces = [];
const wholes = [];
for (const [name, result] of Object.entries(golden.results)) {
  // no_face_cat.jpg has a face in golden.json: the detector takes the cat's for one.
  if (result.faces.length === 0 || name.startsWith('no_face')) continue;
  const picture = await decode(path.join(PROJECT, 'samples/faces', name));
  const target = result.quality / 100;
  const whole = { x: 0, y: 0, width: picture.width, height: picture.height };
  faces.push({ name, target, length: await embeddingLength(picture, square(result.faces[0].box)) });
  wholes.push({ name, target, length: await embeddingLength(picture, whole) });
}
const fit = fitLogistic(faces);
for (const { name, length, target } of faces) {
  const score = logistic(length, fit);
  console.log(`${name.padEnd(26)} length ${length.toFixed(3)}  target ${target.toFixed(3)}  score ${score.toFixed(3)}`);
}
const average = mean(faces.map(({ target }) => target));
const residual = Math.sqrt(mean(faces.map(({ length, target }) => (logistic(length, fit) - target) ** 2)));
const deviation = Math.sqrt(mean(faces.map(({ target }) => (target - average) ** 2)));
console.log(`centre ${fit.centre.toFixed(3)}, width ${fit.width.toFixed(3)} over ${faces.length} faces`);
console.log(
  `residual (root mean square) ${residual.toFixed(3)}; the targets' own deviation is ${deviation.toFixed(3)}`,
);
console.log(`correlation of length and target: ${correlation(faces).toFixed(2)} on the faces`);
console.log(`                                  ${correlation(wholes).toFixed(2)} on the whole pictures`);

/** Upright 8-bit RGB. */
async function decode(file) {
  const pipeline = sharp(file).rotate().flatten({ background: 'white' }).toColourspace('srgb').removeAlpha();
  const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** The square about a box's centre, as high as the box. */
function square([x1, y1, x2, y2]) {
  const side = y2 - y1;
  return { x: (x1 + x2 - side) / 2, y: y1, width: side, height: side };
}

/** The length of the embedding of a part of a picture. */
async function embeddingLength(picture, region) {
  const input = new Tensor('float32', resize(picture, region), [1, 3, SIDE, SIDE]);
  const { output } = await session.run({ input });
  return Math.hypot(...output.data);
}

/** OpenCV's INTER_LINEAR (half-pixel centres, edges repeated, no averaging) to 112 × 112, (x − 127.5) / 128, NCHW. */
function resize({ data, width, height }, region) {
  const planes = new Float32Array(3 * SIDE * SIDE);
  for (let y = 0; y < SIDE; y++) {
    const [top, bottom, down] = neighbours(region.y + ((y + 0.5) * region.height) / SIDE, height);
    for (let x = 0; x < SIDE; x++) {
      const [left, right, across] = neighbours(region.x + ((x + 0.5) * region.width) / SIDE, width);
      for (let c = 0; c < 3; c++) {
        const at = (row, column) => data[(row * width + column) * 3 + c];
        const upper = at(top, left) * (1 - across) + at(top, right) * across;
        const lower = at(bottom, left) * (1 - across) + at(bottom, right) * across;
        planes[(c * SIDE + y) * SIDE + x] = (upper * (1 - down) + lower * down - 127.5) / 128;
      }
    }
  }
  return planes;
}

/** The two pixels whose centres lie around a position, and the share of the second. */
function neighbours(position, size) {
  const centred = Math.min(size - 1, Math.max(0, position - 0.5));
  const first = Math.floor(centred);
  return [first, Math.min(size - 1, first + 1), centred - first];
}

function logistic(length, { centre, width }) {
  return 1 / (1 + Math.exp((centre - length) / width));
}

/** Gauss-Newton in the logistic's slope-intercept form, logistic(a·length + b), damped by halving a step that gains nothing. */
function fitLogistic(points) {
  const asFit = ([a, b]) => ({ centre: -b / a, width: 1 / a });
  const loss = (line) => mean(points.map(({ length, target }) => (logistic(length, asFit(line)) - target) ** 2));
  let line = [1, -mean(points.map(({ length }) => length))];
  for (let iteration = 0; iteration < 200; iteration++) {
    let [saa, sab, sbb, sa, sb] = [0, 0, 0, 0, 0];
    for (const { length, target } of points) {
      const p = logistic(length, asFit(line));
      const slope = p * (1 - p);
      saa += (slope * length) ** 2;
      sab += slope * slope * length;
      sbb += slope * slope;
      sa += slope * length * (target - p);
      sb += slope * (target - p);
    }
    const determinant = saa * sbb - sab * sab;
    const step = [(sbb * sa - sab * sb) / determinant, (saa * sb - sab * sa) / determinant];
    let damping = 1;
    const moved = () => line.map((value, i) => value + damping * step[i]);
    while (damping > 1e-9 && loss(moved()) > loss(line)) damping /= 2;
    line = moved();
  }
  return asFit(line);
}

function correlation(points) {
  const [mx, my] = [mean(points.map(({ length }) => length)), mean(points.map(({ target }) => target))];
  const covariance = mean(points.map(({ length, target }) => (length - mx) * (target - my)));
  const vx = mean(points.map(({ length }) => (length - mx) ** 2));
  const vy = mean(points.map(({ target }) => (target - my) ** 2));
  return covariance / Math.sqrt(vx * vy);
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
