import { list } from 'tar';
import { sha256 } from './checksum.mjs';

/**
 * Takes files out of a package's tarball, in memory.
 * @param {Buffer} tarball
 * @param {ReadonlyMap<string, string>} wanted the SHA-256 expected of each path
 * @returns {Promise<Map<string, Buffer>>} the files by path, each with the expected checksum
 */
export async function extractFiles(tarball, wanted) {
  const entries = [];
  const parser = list({
    filter: (file) => wanted.has(file),
    onReadEntry: (entry) => entries.push(entry.concat().then((bytes) => [entry.path, bytes])),
  });
  await new Promise((resolve, reject) => {
    parser.on('end', resolve).on('error', reject);
    parser.end(tarball);
  });
  const files = new Map(await Promise.all(entries));
  for (const [file, expected] of wanted) {
    const received = files.has(file) ? sha256(files.get(file)) : 'no such file';
    if (received !== expected) {
      throw new Error(`${file} of the tarball: expected SHA-256 ${expected}, received ${received}. Nothing was built.`);
    }
  }
  return files;
}
