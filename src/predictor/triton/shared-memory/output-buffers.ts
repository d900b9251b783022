/** Memory that results are read into, used again once a result was released: fresh pages cost more than the reading. */
export interface OutputBuffers {
  /** Of at least that many bytes, with whatever was in it; the caller's own until it gives it back. */
  take(byteSize: number): Uint8Array<ArrayBuffer>;
  /** Nobody may use it afterwards. */
  giveBack(buffer: Uint8Array<ArrayBuffer>): void;
}

/**
 * Makes a pool of buffers.
 * @param maxBytes the most that is kept for later; beyond it the ones that were longest of no use go to the garbage
 * collector
 */
export function createOutputBuffers(maxBytes: number): OutputBuffers {
  /** In the order in which they came back. */
  const free: Uint8Array<ArrayBuffer>[] = [];
  let freeBytes = 0;
  const remove = (index: number) => {
    const [buffer] = free.splice(index, 1);
    freeBytes -= buffer?.byteLength ?? 0;
    return buffer;
  };
  return {
    take: (byteSize) => {
      // Not one that is far too large: it would be missed by a result that fills it.
      const index = free.findLastIndex(({ byteLength }) => byteLength >= byteSize && byteLength <= 2 * byteSize);
      return (index === -1 ? undefined : remove(index)) ?? Buffer.allocUnsafeSlow(byteSize);
    },
    giveBack: (buffer) => {
      if (buffer.byteLength > maxBytes) return;
      free.push(buffer);
      freeBytes += buffer.byteLength;
      while (freeBytes > maxBytes) remove(0);
    },
  };
}
