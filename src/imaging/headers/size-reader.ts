/**
 * Reads a picture's stored width and height from its header, which was recognised by its first bytes.
 * Throws any error when the header is damaged or ends too early.
 */
export type SizeReader = (bytes: Buffer) => { widthPx: number; heightPx: number };
