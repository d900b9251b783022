import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { annotateAll } from './annotate/annotate-all.js';
import { makeOutputFolder } from './annotate/output-folder.js';
import { helpText, type Job, parseCommandLine } from './command-line.js';
import { findPictures } from './files.js';
import { toJsonDocument } from './json-document.js';
import { printable, printableJson } from './printable.js';
import { scoreJob } from './score-job.js';
import { summarize, summaryLine } from './summary.js';
import { errorText, toTable } from './table.js';

const EXIT = { allAnswered: 0, somethingFailed: 1, wrongUsage: 2 } as const;

/**
 * The command.
 * @param args without the program's own name
 * @returns the exit code: 0 every picture was answered, 1 a picture or a call failed, 2 wrong usage
 */
export async function main(args: readonly string[]): Promise<number> {
  process.stdout.on('error', leaveWithReader);
  const command = parseCommandLine(args, process.env);
  if (command.kind === 'wrong') return usageError(command.problems);
  if (command.kind === 'score') return await runJob(command.job);
  process.stdout.write(command.kind === 'help' ? helpText() : `${version()}\n`);
  return EXIT.allAnswered;
}

async function runJob(job: Job): Promise<number> {
  const { pictures, problems } = await findPictures(job.paths, {
    recursive: job.recursive,
    outputFolder: job.annotateFolder,
    readInput: () => buffer(process.stdin),
  });
  if (problems.length > 0) return usageError(problems);
  const { annotateFolder: folder } = job;
  const folderProblem = folder === undefined ? undefined : await makeOutputFolder(folder);
  if (folderProblem !== undefined) return usageError([folderProblem]);

  const startedAt = performance.now();
  const { results, left, stoppedBy } = await scoreJob(pictures, job);
  const tookMs = performance.now() - startedAt;
  const annotated = folder === undefined ? undefined : await annotateAll(results, folder);

  if (job.json) {
    // Scripts see this alone, so that it has every picture; people are told below, in one line, what was not scored.
    const all = [...results, ...left];
    const context = { job, summary: summarize(all, tookMs), written: annotated?.written };
    print(printableJson(JSON.stringify(toJsonDocument(all, context), null, 2)));
  } else if (job.quiet) {
    for (const { picture, error } of results) if (error !== undefined) complain(`${picture.name}: ${errorText(error)}`);
  } else if (results.length > 0) {
    print(`${toTable(results)}\n\n${summaryLine(summarize(results, tookMs))}`);
    if (folder !== undefined && (annotated?.written.size ?? 0) > 0)
      print(`Annotated pictures are in ${printable(folder)}`);
  }
  annotated?.problems.forEach(complain);
  if (stoppedBy !== undefined) {
    const status = stoppedBy.status === undefined ? '' : ` (HTTP ${stoppedBy.status})`;
    complain(`${stoppedBy.message}${status}; ${left.length} of ${pictures.length} pictures not scored`);
  }
  const hasFailed = [...results, ...left].some(({ error }) => error !== undefined);
  const isClean = !hasFailed && (annotated?.problems ?? []).length === 0;
  return isClean ? EXIT.allAnswered : EXIT.somethingFailed;
}

function usageError(problems: readonly string[]): number {
  problems.forEach(complain);
  process.stderr.write('Try kserver_client --help\n');
  return EXIT.wrongUsage;
}

function complain(text: string): void {
  process.stderr.write(`kserver_client: ${printable(text)}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The reader of our output has left, as `head` does: nothing remains to be done, and there is no one to tell. */
function leaveWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.somethingFailed);
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return manifest.version;
}
