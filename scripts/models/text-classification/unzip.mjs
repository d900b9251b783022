import { inflateRawSync } from 'node:zlib';

/*
 * The parts of the ZIP format that wheels use (PKWARE APPNOTE 6.3.10): the directory at the end, files stored or deflated.
 */

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 65_535;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;

/**
 * Takes files out of a ZIP archive, in memory.
 * @param {Buffer} archive
 * @param {readonly string[]} wanted their paths inside it
 * @returns {Map<string, Buffer>} the files by path
 * @throws {Error} when the archive is none, or lacks one of the files
 */
export function unzip(archive, wanted) {
  const files = new Map();
  for (const { name, method, size, packed } of entries(archive)) {
    if (!wanted.includes(name)) continue;
    if (method !== STORED && method !== DEFLATED) throw new Error(`${name} is packed by method ${method}`);
    const bytes = method === STORED ? packed : inflateRawSync(packed, { maxOutputLength: size });
    if (bytes.length !== size) throw new Error(`${name} has ${bytes.length} bytes instead of ${size}`);
    files.set(name, bytes);
  }
  const missing = wanted.find((name) => !files.has(name));
  if (missing !== undefined) throw new Error(`The archive has no ${missing}`);
  return files;
}

function* entries(archive) {
  const end = endRecord(archive);
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  for (let entry = 0; entry < count; entry++) {
    if (archive.readUInt32LE(at) !== ENTRY_SIGNATURE) throw new Error('The archive’s directory is broken');
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => archive.readUInt16LE(at + field));
    const local = archive.readUInt32LE(at + 42);
    const begin = local + LOCAL_BYTES + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    yield {
      name: archive.toString('utf8', at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes),
      method: archive.readUInt16LE(at + 10),
      size: archive.readUInt32LE(at + 24),
      packed: archive.subarray(begin, begin + archive.readUInt32LE(at + 20)),
    };
    at += ENTRY_BYTES + nameBytes + extraBytes + commentBytes;
  }
}

function endRecord(archive) {
  const last = archive.length - END_BYTES;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT_BYTES); at--) {
    if (archive.readUInt32LE(at) === END_SIGNATURE) return at;
  }
  throw new Error('This is no ZIP archive');
}
