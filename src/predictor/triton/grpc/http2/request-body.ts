/** The bytes of a request that are still to be sent. */
export interface RequestBody {
  readonly bytesLeft: number;
  /** Takes so many bytes off, as views; there must be as many left. */
  take(bytes: number): Uint8Array[];
}

/** Starts a body of pieces, which follow one another; they must not change until they are sent. */
export function createRequestBody(pieces: readonly Uint8Array[]): RequestBody {
  let bytesLeft = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
  let index = 0;
  let at = 0;
  return {
    get bytesLeft() {
      return bytesLeft;
    },
    take: (bytes) => {
      const views: Uint8Array[] = [];
      let wanted = bytes;
      for (let piece = pieces[index]; piece !== undefined && wanted > 0; piece = pieces[index]) {
        const view = piece.subarray(at, at + wanted);
        wanted -= view.length;
        at += view.length;
        if (at === piece.length) {
          index++;
          at = 0;
        }
        if (view.length > 0) views.push(view);
      }
      bytesLeft -= bytes - wanted;
      return views;
    },
  };
}
