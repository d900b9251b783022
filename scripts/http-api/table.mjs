/**
 * A table of Markdown.
 * @param {string[]} titles
 * @param {(string | number)[][]} rows
 * @returns {string}
 */
export function table(titles, rows) {
  return [titles, titles.map(() => '---'), ...rows].map(line).join('\n');
}

function line(cells) {
  return `| ${cells.map((cell) => String(cell).replaceAll('|', String.raw`\|`)).join(' | ')} |`;
}
