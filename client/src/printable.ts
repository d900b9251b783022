/** C0 and C1 control characters: a terminal obeys them, so a file's name could move its cursor or recolour it. */
const CONTROL = /\p{Cc}/gu;

/** A text for a terminal, each control character shown as `?`. */
export function printable(text: string): string {
  return text.replace(CONTROL, '?');
}

/** A name for a new file, each control character written as `_`. */
export function toFileName(name: string): string {
  return name.replace(CONTROL, '_');
}

/** A JSON text with the control characters escaped that JSON allows in strings: DEL and C1. It parses to the same. */
export function printableJson(json: string): string {
  return json.replace(/[\x7f-\x9f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
