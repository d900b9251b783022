import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { annotateAll } from './annotate/annotate-all.js';
import { makeOutputFolder } from './annotate/output-folder.js';
import { excerpt } from './client-error.js';
import { helpText, type Job, parseCommandLine } from './command-line.js';
import { findInputs, type JobInput } from './find-inputs.js';
import { INPUT_KINDS } from './input-kinds.js';
import { toJsonDocument } from './json-document.js';
import { printable, printableJson } from './printable.js';
import { type JobResult, notAnsweredWord, runJob } from './run-job.js';
import { serviceNamed } from './services/registry.js';
import type { Answered, AnyService } from './services/service.js';
import { summarize, summaryLine } from './summary.js';
import { errorText } from './table.js';

const EXIT = { allAnswered: 0, somethingFailed: 1, wrongUsage: 2 } as const;

/**
 * The command.
 * @param args without the program's own name
 * @returns the exit code: 0 every input was answered, 1 an input or a call failed, 2 wrong usage
 */
export async function main(args: readonly string[]): Promise<number> {
  process.stdout.on('error', leaveWithReader);
  const command = parseCommandLine(args, process.env);
  if (command.kind === 'wrong') return usageError(command.problems);
  if (command.kind === 'send') return await run(command.job);
  process.stdout.write(command.kind === 'help' ? helpText() : `${version()}\n`);
  return EXIT.allAnswered;
}

async function run(job: Job): Promise<number> {
  const service = serviceNamed(job.service);
  const { annotateFolder: folder } = job;
  const found = await findInputs(job.paths, {
    kinds: service.takes,
    recursive: job.recursive,
    outputFolder: folder,
    readInput: () => buffer(process.stdin),
  });
  if (found.problems.length > 0) return usageError(found.problems);
  const inputs = [...found.inputs, ...job.texts.map(toTextInput)];
  const folderProblem = folder === undefined ? undefined : await makeOutputFolder(folder);
  if (folderProblem !== undefined) return usageError([folderProblem]);

  const startedAt = performance.now();
  const { results, left, stoppedBy } = await runJob(inputs, job, service);
  const totalMs = performance.now() - startedAt;
  const { draw, drawBeside } = service;
  const annotated =
    folder === undefined || draw === undefined ? undefined : await annotateAll(results, { folder, draw, drawBeside });

  const words = { input: inputWords(inputs), found: service.finds };
  const sumUp = (some: readonly JobResult[]) => summarize(some, { totalMs, countFound: foundIn(service) });
  if (job.json) {
    // Scripts see this alone, so that it has every input; people are told below, in one line, what was not answered.
    const all = [...results, ...left];
    const context = { job, service, words, summary: sumUp(all), written: annotated?.written };
    print(printableJson(JSON.stringify(toJsonDocument(all, context), null, 2)));
  } else if (job.quiet) {
    for (const { input, error } of results) if (error !== undefined) complain(`${input.name}: ${errorText(error)}`);
  } else if (results.length > 0) {
    print(`${service.print(results)}\n\n${summaryLine(sumUp(results), words)}`);
    if (folder !== undefined && (annotated?.written.size ?? 0) > 0)
      print(`Annotated pictures are in ${printable(folder)}`);
  }
  annotated?.problems.forEach(complain);
  if (stoppedBy !== undefined) {
    const status = stoppedBy.status === undefined ? '' : ` (HTTP ${stoppedBy.status})`;
    const count = `${left.length} of ${inputs.length} ${words.input.many} ${notAnsweredWord(service)}`;
    complain(`${stoppedBy.message}${status}; ${count}`);
  }
  const hasFailed = [...results, ...left].some(({ error }) => error !== undefined);
  const isClean = !hasFailed && (annotated?.problems ?? []).length === 0;
  return isClean ? EXIT.allAnswered : EXIT.somethingFailed;
}

/** A text of the command line; it is called by itself. */
function toTextInput(text: string): JobInput {
  return { name: `"${excerpt(text)}"`, kind: 'text', bytes: Buffer.from(text) };
}

/** How the inputs are called: pictures, where all are pictures. */
function inputWords(inputs: readonly JobInput[]): { one: string; many: string } {
  const [first, ...others] = new Set(inputs.map(({ kind }) => kind));
  return first !== undefined && others.length === 0 ? INPUT_KINDS[first] : { one: 'input', many: 'inputs' };
}

function foundIn({ finds }: AnyService): ((answer: Answered<unknown>) => number) | undefined {
  return finds === undefined ? undefined : ({ prediction }) => finds.count(prediction);
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
