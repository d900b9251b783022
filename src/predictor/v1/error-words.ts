/** Where servers of V1 have their words: KServe's SDK and TensorFlow Serving, FastAPI, TorchServe. */
const FIELDS: readonly string[] = ['error', 'detail', 'message'];

/** More than any message. */
const MAX_BYTES = 64 * 1024;

/** A page for people, as proxies answer. */
const MARKUP = /^\s*</;

/**
 * What a server says in the body that goes with the status of an error: a field of its JSON, else its text; '' for a
 * page of HTML.
 */
export function errorWords(body: Uint8Array): string {
  const text = Buffer.from(body.subarray(0, MAX_BYTES)).toString('utf8').trim();
  if (MARKUP.test(text)) return '';
  const said = fieldOf(text);
  return typeof said === 'string' || said === undefined ? (said ?? text) : JSON.stringify(said);
}

/** The first of the fields that is there; FastAPI's may be a list. */
function fieldOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const name = FIELDS.find((field) => Object.hasOwn(value, field));
    return name === undefined ? undefined : Reflect.get(value, name);
  } catch {
    // Not JSON: the text is all there is.
    return undefined;
  }
}
