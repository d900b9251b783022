/** What `npm run demo` can show: each service by its name, which is its model's and its transformer's as well. */
import path from 'node:path';

/** Where annotated pictures and the service's log are written. */
export const OUTPUT = 'demo-output';

/**
 * @typedef {object} Demo
 * @property {string} samples the folder of its samples
 * @property {readonly string[]} models those of the catalogue that it needs
 * @property {boolean} isFetched whether its model is fetched for those who ask for it alone
 * @property {boolean} hasBadSample whether one of the samples is there to show an error in its place
 * @property {readonly (readonly string[])[]} runs what the client is asked, one after the other
 */

const FACES = path.join('samples', 'faces');
const FACE_MODELS = ['detect', 'landmark', 'pose', 'eye', 'liveness', 'embedding', 'quality'];

/** @type {Readonly<Record<string, Demo>>} */
export const DEMOS = {
  facequality: {
    samples: FACES,
    models: FACE_MODELS.map((model) => `face_${model}`),
    isFetched: false,
    hasBadSample: false,
    runs: [['--batch', '16', '--annotate', OUTPUT, FACES]],
  },
  cifar10: ofPictures('cifar10'),
  helmet_detection: ofPictures('helmet_detection'),
  license_plate: ofPictures('license_plate', { hasBadSample: true }),
  mnist: ofPictures('mnist', { explained: 'two.png' }),
  text_classification: {
    samples: path.join('samples', 'text_classification'),
    models: [],
    isFetched: true,
    hasBadSample: false,
    runs: [
      [path.join('samples', 'text_classification')],
      ['--explain', '--text', 'The goalkeeper saved two penalties and the cup stayed at home.'],
    ],
  },
};

/**
 * @param {string} name
 * @param {{ explained?: string, hasBadSample?: boolean }} [options] `explained` is the sample whose answer is explained
 * @returns {Demo}
 */
function ofPictures(name, { explained, hasBadSample = false } = {}) {
  const samples = path.join('samples', name);
  const annotate = ['--annotate', path.join(OUTPUT, name)];
  const explain = explained === undefined ? [] : [['--explain', ...annotate, path.join(samples, explained)]];
  return { samples, models: [name], isFetched: false, hasBadSample, runs: [[...annotate, samples], ...explain] };
}
