import { endOfString } from '../oip/json-string.js';

const [QUOTE, COMMA] = Buffer.from('",');
const [OPEN_LIST, OPEN_OBJECT, CLOSE_LIST, CLOSE_OBJECT] = Buffer.from('[{]}');

/**
 * The text of one member's value within an object's own: the last one of that name, as JSON.parse has it.
 * @param json an object that JSON.parse has read without complaint
 */
export function textOfMember(json: Buffer, name: string): Buffer | undefined {
  let found: Buffer | undefined;
  let at = json.indexOf('{', 0, 'latin1') + 1;
  while (at < json.length) {
    const keyStart = json.indexOf('"', at, 'latin1');
    if (keyStart < 0) break;
    const keyEnd = endOfString(json, keyStart + 1);
    const start = json.indexOf(':', keyEnd, 'latin1') + 1;
    const end = endOfValue(json, start);
    const key: unknown = JSON.parse(json.toString('utf8', keyStart, keyEnd + 1));
    if (key === name) found = json.subarray(start, end);
    at = end + 1;
  }
  return found;
}

/** Where a member's value ends: the comma behind it, or the object's end. */
function endOfValue(json: Buffer, from: number): number {
  let depth = 0;
  for (let at = from; at < json.length; at++) {
    const byte = json[at];
    if (byte === QUOTE) at = endOfString(json, at + 1);
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth++;
    else if (depth === 0 && (byte === COMMA || byte === CLOSE_OBJECT)) return at;
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--;
  }
  return json.length;
}
