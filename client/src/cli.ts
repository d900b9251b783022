import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { annotateAll } from './annotate/annotate-all.js';
import type { NamedPicture } from './picture.js';
import type { ClientError } from './client-error.js';
import { helpText, type Job, parseCommandLine } from './command-line.js';
import { createFaceQualityClient } from './face-quality-client.js';
import { findPictures } from './files.js';
import { toJsonDocument } from './json-document.js';
import type { PictureResult } from './score-many.js';
import { summarize, summaryLine } from './summary.js';
import { errorText, toTable } from './table.js';

const EXIT = { allAnswered: 0, somethingFailed: 1, wrongUsage: 2 } as const;

/** Refusals that the next picture would meet as well: no token, not allowed, no such model, no such service. */
const REFUSES_EVERYTHING: ReadonlySet<number | undefined> = new Set([401, 403, 404, 405]);

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

  const startedAt = performance.now();
  const { results, stoppedBy } = await score(pictures, job);
  const summary = summarize(results, performance.now() - startedAt);
  const { annotateFolder: folder } = job;
  const annotated = folder === undefined ? undefined : await annotateAll(results, folder);

  if (job.json) {
    print(JSON.stringify(toJsonDocument(results, { job, summary, written: annotated?.written }), null, 2));
  } else if (job.quiet) {
    for (const { picture, error } of results) if (error !== undefined) complain(`${picture.name}: ${errorText(error)}`);
  } else if (results.length > 0) {
    print(`${toTable(results)}\n\n${summaryLine(summary)}`);
    if (folder !== undefined) print(`Annotated pictures are in ${folder}`);
  }
  annotated?.problems.forEach(complain);
  if (stoppedBy !== undefined) {
    const left = pictures.length - results.length;
    const status = stoppedBy.status === undefined ? '' : ` (HTTP ${stoppedBy.status})`;
    complain(`${stoppedBy.message}${status}; ${left} of ${pictures.length} pictures not scored`);
  }
  const isClean = summary.errors === 0 && stoppedBy === undefined && (annotated?.problems ?? []).length === 0;
  return isClean ? EXIT.allAnswered : EXIT.somethingFailed;
}

/** Scores to the end, or to an error that every further picture would meet as well. */
async function score(
  pictures: readonly NamedPicture[],
  job: Job,
): Promise<{ results: PictureResult[]; stoppedBy?: ClientError }> {
  const client = createFaceQualityClient(job);
  const results: PictureResult[] = [];
  try {
    for await (const result of client.scoreMany(pictures, job)) {
      const { error } = result;
      const isHopeless = error?.code === 'unreachable' || REFUSES_EVERYTHING.has(error?.status);
      if (error !== undefined && isHopeless) return { results, stoppedBy: error };
      results.push(result);
    }
    return { results };
  } finally {
    await client.close();
  }
}

function usageError(problems: readonly string[]): number {
  problems.forEach(complain);
  process.stderr.write('Try kserver_client --help\n');
  return EXIT.wrongUsage;
}

function complain(text: string): void {
  process.stderr.write(`kserver_client: ${text}\n`);
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
