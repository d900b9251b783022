/** Something to send: the bytes of a picture (JPEG, PNG, …) or of a text, or a function that reads them when needed. */
export interface NamedInput {
  /** What people call it: its path, for instance. */
  readonly name: string;
  readonly bytes: Uint8Array | (() => Promise<Uint8Array>);
}

/** The bytes of an input. @throws what reading throws */
export async function readBytes({ bytes }: NamedInput): Promise<Uint8Array> {
  return typeof bytes === 'function' ? await bytes() : bytes;
}
