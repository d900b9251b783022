/** A picture to score: its encoded bytes (JPEG, PNG, …), or a function that reads them when they are needed. */
export interface NamedPicture {
  /** What people call it: its path, for instance. */
  readonly name: string;
  readonly bytes: Uint8Array | (() => Promise<Uint8Array>);
}

/** The encoded bytes of a picture. @throws what reading throws */
export async function readPicture({ bytes }: NamedPicture): Promise<Uint8Array> {
  return typeof bytes === 'function' ? await bytes() : bytes;
}
