/** How the bodies that bodies.py makes are sent, and what is read from the answers. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

const V1_PATH = '/v1/models/cifar10:predict';
const V2_PATH = '/v2/models/cifar10/infer';
const JSON_TYPE = { 'content-type': 'application/json' };
const BINARY_TYPE = { 'content-type': 'application/octet-stream' };
const HEAD_LENGTH = 'inference-header-content-length';

/** The classes of cifar10, each a float32 in an answer of logits. */
const CLASSES = 10;

/** Each kind of body: which file, to which path, with which headers. */
const BODY_KINDS = {
  v1: (body) => ({ file: `${body}.v1.json`, path: V1_PATH, headers: JSON_TYPE }),
  raw: (body) => ({
    file: `${body}.raw`,
    path: V1_PATH,
    headers: { 'content-type': body === 'vga8' ? 'multipart/form-data; boundary=benchmark-boundary' : 'image/jpeg' },
  }),
  v2: (body) => ({ file: `${body}.v2.bin`, headFile: `${body}.v2.head`, path: V2_PATH, headers: BINARY_TYPE }),
  bls: (body) => ({
    file: `${body}.bls.bin`,
    headFile: `${body}.bls.head`,
    path: '/v2/models/image_cifar10/infer',
    headers: BINARY_TYPE,
  }),
  text: (body) => ({ file: `${body}.text.json`, path: V2_PATH, headers: JSON_TYPE }),
  tensor: () => ({ file: 'tensor.bin', headFile: 'tensor.head', path: V2_PATH, headers: BINARY_TYPE }),
};

/** A request of a kind, as the generator takes it. @param folder of the bodies */
export async function requestOf(kind, body, folder) {
  const { file, headFile, path: url, headers } = BODY_KINDS[kind](body);
  const head = headFile && { [HEAD_LENGTH]: await readFile(path.join(folder, headFile), 'utf8') };
  return { bodyFile: path.join(folder, file), path: url, headers: { ...headers, ...head } };
}

/** Sends one request. */
export async function ask(port, request) {
  const { bodyFile, path: url, headers } = request;
  const content = await readFile(bodyFile);
  const response = await fetch(`http://127.0.0.1:${port}${url}`, { method: 'POST', headers, body: content });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, bytes, headLength: Number(response.headers.get(HEAD_LENGTH) ?? bytes.length) };
}

/**
 * The classes that an answer names, one for each picture: V1 predictions, or the one output of the Open Inference
 * Protocol, of classes or of logits.
 * @param {{ bytes: Buffer, headLength: number }} answer `headLength` is that of the JSON before binary tensors
 * @returns {number[]}
 */
export function classesOf({ bytes, headLength }) {
  const { predictions, outputs } = JSON.parse(bytes.toString('utf8', 0, headLength));
  if (predictions !== undefined) return predictions.map((prediction) => prediction.index ?? prediction);
  const [{ datatype, data }] = outputs;
  if (data !== undefined) return data;
  const values = bytes.subarray(headLength);
  if (datatype === 'INT64') {
    return Array.from({ length: values.length / 8 }, (_, row) => Number(values.readBigInt64LE(row * 8)));
  }
  return Array.from({ length: values.length / (CLASSES * 4) }, (_, row) => {
    const logits = Array.from({ length: CLASSES }, (_, label) => values.readFloatLE((row * CLASSES + label) * 4));
    return logits.indexOf(Math.max(...logits));
  });
}
