const [QUOTE, BACKSLASH] = Buffer.from('"\\');

/** Where a string of JSON that begins before `from` ends: the place of its closing quote, or the end of the text. */
export function endOfString(json: Buffer, from: number): number {
  const quote = json.indexOf('"', from, 'latin1');
  if (quote < 0) return json.length;
  if (json[quote - 1] !== BACKSLASH) return quote;
  // Escapes: from here on byte by byte, since a search for each of millions of quotes would cost more.
  for (let at = from; at < json.length; at++) {
    if (json[at] === BACKSLASH) at++;
    else if (json[at] === QUOTE) return at;
  }
  return json.length;
}
