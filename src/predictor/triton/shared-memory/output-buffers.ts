/** Memory that results are read into, used again once a result was released: fresh pages cost more than the reading. */
export interface OutputBuffers {
  /** Of at least that many bytes, with whatever was in it; the caller's own until it gives it back. */
  take(byteSize: number): Uint8Array<ArrayBuffer>;
  /** Nobody may use it afterwards. */
  giveBack(buffer: Uint8Array<ArrayBuffer>): void;
}

/**
 * Makes a pool of buffers.
 * @param maxBytes the most that is kept for later; what comes back beyond it is left to the garbage collector
 */
export function createOutputBuffers(maxBytes: number): OutputBuffers {
  const free: Uint8Array<ArrayBuffer>[] = [];
  let freeBytes = 0;
  return {
    take: (byteSize) => {
      // Not one that is far too large: it would be missed by a result that fills it.
      const index = free.findIndex(({ byteLength }) => byteLength >= byteSize && byteLength <= 2 * byteSize);
      const [buffer] = index === -1 ? [] : free.splice(index, 1);
      if (buffer === undefined) return Buffer.allocUnsafeSlow(byteSize);
      freeBytes -= buffer.byteLength;
      return buffer;
    },
    giveBack: (buffer) => {
      if (freeBytes + buffer.byteLength > maxBytes) return;
      freeBytes += buffer.byteLength;
      free.push(buffer);
    },
  };
}
