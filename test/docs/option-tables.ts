import { readFileSync } from 'node:fs';

/** The cells of each row of a document's tables of options: those that begin with a flag. */
export function optionRows(document: string): string[][] {
  return document
    .split('\n')
    .filter((line) => line.startsWith('| `--'))
    .map((row) => row.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '').trim()));
}

/** A document of the project by its path in it. */
export function readDocument(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}
