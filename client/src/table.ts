import Table from 'cli-table3';
import type { ClientError } from './client-error.js';
import { printable } from './printable.js';
import type { InputResult } from './send-many.js';

/** No lines but one under the head, so that the table can be searched and cut by other tools. */
const BORDERS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', right: '', 'right-mid': '', mid: '', 'mid-mid': '', middle: ' ' },
};

/** How results stand in a table. */
export interface TableForm<Answer> {
  /** The heads of the columns, that of the input's name first. */
  readonly head: readonly [string, ...string[]];
  /** An answer's rows, without the column of the name, which the first of them gets. */
  readonly rows: (answer: Answer) => readonly (readonly string[])[];
}

/** Results as a table; an error stands in the last column, which is the one that may be long. */
export function resultTable<Answer>(results: readonly InputResult<Answer>[], form: TableForm<Answer>): string {
  const { head, rows } = form;
  return toTable(
    head,
    results.flatMap(({ input, answer, error }) => {
      const name = printable(input.name);
      if (error !== undefined) return [[name, ...head.slice(2).map(() => ''), errorText(error)]];
      return rows(answer).map((row, index) => [index === 0 ? name : '', ...row.map(oneLine)]);
    }),
  );
}

/** A table of text; what is not known stands there as ''. */
function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({ head: [...head], chars: BORDERS, style: { head: [], border: [], compact: true } });
  table.push(...rows.map((row) => [...row]));
  // The last column is padded as well, for a border that is not drawn.
  return table.toString().replace(/ +$/gm, '');
}

/** What went wrong with an input, on one line. */
export function errorText({ status, code, message }: ClientError): string {
  const kind = code ?? (status === undefined ? undefined : `HTTP ${status}`);
  return oneLine(`error: ${message}${kind === undefined ? '' : ` (${kind})`}`);
}

/** Without control characters, which a terminal would obey. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
