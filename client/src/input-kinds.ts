/** How the command treats one kind of files. */
interface InputKindSpec {
  readonly one: string;
  readonly many: string;
  /** What such files are called, in lower case. */
  readonly extensions: readonly string[];
  /**
   * The element of V1's `instances` that a file becomes.
   * @throws Error when the bytes cannot be of this kind
   */
  readonly toInstance: (bytes: Uint8Array) => unknown;
}

/** The kinds of files that a model may be sent. The extensions of pictures are those of what the service decodes. */
export const INPUT_KINDS = {
  picture: {
    one: 'picture',
    many: 'pictures',
    extensions: ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif'],
    toInstance: pictureInstance,
  },
  text: { one: 'text', many: 'texts', extensions: ['.txt'], toInstance: (bytes) => textInstance(decodeText(bytes)) },
  instance: { one: 'instance', many: 'instances', extensions: ['.json'], toInstance: (bytes) => parseJson(bytes) },
} as const satisfies Record<string, InputKindSpec>;

/** A picture, a text, or an instance as it is to be sent, in JSON. */
export type InputKind = keyof typeof INPUT_KINDS;

/** A picture as an instance of V1: its encoded bytes (JPEG, PNG, …) in base64. */
export function pictureInstance(bytes: Uint8Array): { b64: string } {
  return { b64: toBase64(bytes) };
}

/** A text as an instance of V1. */
export function textInstance(text: string): { data: string } {
  return { data: text };
}

/** Base64 of the viewed part of a buffer. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** Without the byte-order mark and the line's end that editors put there. */
function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).trimEnd();
  } catch (thrown) {
    throw new Error('this is no text in UTF-8', { cause: thrown });
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeText(bytes));
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new Error(`this is no JSON: ${reason}`, { cause: thrown });
  }
}
