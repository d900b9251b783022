/**
 * Reads a .safetensors file: 8 bytes of length, that much JSON, then the data. Tensors of other kinds than float32 are
 * passed over.
 * @param {Buffer} file
 * @returns {Map<string, { shape: number[], data: Float32Array }>}
 * @throws {Error} when a tensor lies outside the file or does not fill its shape
 */
export function readSafetensors(file) {
  const headerEnd = 8 + Number(file.readBigUInt64LE(0));
  if (headerEnd > file.length) throw new Error('The header of the .safetensors file goes beyond its end');
  const header = JSON.parse(file.toString('utf8', 8, headerEnd));
  const tensors = new Map();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__' || entry.dtype !== 'F32') continue;
    const [begin, end] = entry.data_offsets;
    const count = entry.shape.reduce((product, dim) => product * dim, 1);
    const bytes = file.subarray(headerEnd + begin, headerEnd + end);
    if (bytes.length !== count * Float32Array.BYTES_PER_ELEMENT) throw new Error(`${name} does not fill its shape`);
    // A copy, since the data need not lie at a whole float.
    const data = new Float32Array(count);
    Buffer.from(data.buffer).set(bytes);
    tensors.set(name, { shape: entry.shape, data });
  }
  return tensors;
}
