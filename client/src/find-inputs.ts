import type { Dirent } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';
import { INPUT_KINDS, type InputKind } from './input-kinds.js';
import type { NamedInput } from './named-input.js';

/** The path that stands for standard input, and the name under which what comes from it is shown. */
const STANDARD_INPUT = '-';
const STANDARD_INPUT_NAME = 'stdin';

/** An input of the command, and how it is to be sent. */
export interface JobInput extends NamedInput {
  readonly kind: InputKind;
}

/** How to look for inputs. */
export interface FindOptions {
  /** What files may be; the first is the kind of standard input. */
  readonly kinds: readonly [InputKind, ...InputKind[]];
  /** Whether folders inside folders count too. */
  readonly recursive: boolean;
  /** A folder to be written to: passed over inside other folders, and no input may come from it. */
  readonly outputFolder?: string | undefined;
  /** Reads what the path `-` stands for. */
  readonly readInput: () => Promise<Uint8Array>;
}

/** The inputs behind the paths of a command line, and what is wrong with the other paths, a sentence for each. */
export interface FoundInputs {
  readonly inputs: readonly JobInput[];
  readonly problems: readonly string[];
}

/**
 * Finds inputs: files as named, and those inside a folder by extension, sorted by path. Files are not read yet; reading
 * one fails when its bytes are not of its kind. A path that does not exist, is no file (a pipe, a device), of no kind by
 * its name, or a folder without such files is a problem; inside a folder such entries are passed over. Links count as
 * what they lead to, but not as folders inside folders.
 */
export async function findInputs(paths: readonly string[], options: FindOptions): Promise<FoundInputs> {
  const found = await Promise.all(paths.map((path) => findAt(path, options)));
  return {
    inputs: found.flatMap(({ inputs }) => inputs),
    problems: found.flatMap(({ problems }) => problems),
  };
}

async function findAt(path: string, options: FindOptions): Promise<FoundInputs> {
  const { kinds, recursive } = options;
  if (path === STANDARD_INPUT) {
    return { inputs: [{ name: STANDARD_INPUT_NAME, kind: kinds[0], bytes: await options.readInput() }], problems: [] };
  }
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) return problem(`${path}: no such file or folder`);
  const output = options.outputFolder === undefined ? undefined : await realPathOf(options.outputFolder);
  const place = await realPathOf(stats.isDirectory() ? path : dirname(path));
  if (place === output) return problem(`${path}: lies in the folder that is to be written to; choose another one`);
  const extensions = kinds.flatMap((kind) => INPUT_KINDS[kind].extensions).join(' ');
  if (stats.isDirectory()) {
    const inputs = await inputsIn(path, { kinds, recursive, place, output });
    const nouns = kinds.map((kind) => INPUT_KINDS[kind].many).join(', ');
    if (inputs.length === 0) return problem(`${path}: no ${nouns} in this folder (${extensions})`);
    return { inputs, problems: [] };
  }
  if (!stats.isFile()) return problem(`${path}: neither a file nor a folder`);
  const input = toInput(path, kinds);
  if (input !== undefined) return { inputs: [input], problems: [] };
  const nouns = kinds.map((kind) => INPUT_KINDS[kind].one).join(' or ');
  return problem(`${path}: no ${nouns} by its name (${extensions})`);
}

async function inputsIn(
  folder: string,
  where: Pick<FindOptions, 'kinds' | 'recursive'> & { place: string; output: string | undefined },
): Promise<JobInput[]> {
  const { kinds, recursive, place, output } = where;
  const entries = await readdir(place, { withFileTypes: true, recursive });
  const candidates = entries
    .filter((entry) => kindOf(entry.name, kinds) !== undefined)
    .filter((entry) => output === undefined || !`${entry.parentPath}${sep}`.startsWith(`${output}${sep}`));
  const areFiles = await Promise.all(candidates.map(isFile));
  return candidates
    .filter((_, index) => areFiles[index])
    .map((entry) => join(folder, relative(place, join(entry.parentPath, entry.name))))
    .sort()
    .flatMap((path) => toInput(path, kinds) ?? []);
}

/** Reading anything else, a pipe for instance, might never end. */
async function isFile(entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isFile();
  const target = await stat(join(entry.parentPath, entry.name)).catch(() => undefined);
  return target?.isFile() === true;
}

function toInput(path: string, kinds: readonly InputKind[]): JobInput | undefined {
  const kind = kindOf(path, kinds);
  if (kind === undefined) return undefined;
  const read = async () => {
    const bytes = await readFile(path);
    // Said here, it is the file's own fault; of pictures the service is the judge.
    if (kind !== 'picture') INPUT_KINDS[kind].toInstance(bytes);
    return bytes;
  };
  return { name: path, kind, bytes: read };
}

/** What a file is by its name. */
function kindOf(path: string, kinds: readonly InputKind[]): InputKind | undefined {
  const extension = extname(path).toLowerCase();
  return kinds.find((kind) => (INPUT_KINDS[kind].extensions as readonly string[]).includes(extension));
}

function problem(text: string): FoundInputs {
  return { inputs: [], problems: [text] };
}

/** The path without links; the path itself where nothing is there yet. */
async function realPathOf(path: string): Promise<string> {
  return await realpath(path).catch(() => resolve(path));
}
