import type { Dirent } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';
import type { NamedPicture } from './picture.js';

/** What the service decodes, by the names that such files have. */
const PICTURE_EXTENSIONS = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif'];

/** The path that stands for standard input, and the name under which its picture is shown. */
const STANDARD_INPUT = '-';
const STANDARD_INPUT_NAME = 'stdin';

/** How to look for pictures. */
export interface FindOptions {
  /** Whether folders inside folders count too. */
  readonly recursive: boolean;
  /** A folder to be written to: passed over inside other folders, and no picture may come from it. */
  readonly outputFolder?: string | undefined;
  /** Reads the picture that the path `-` stands for. */
  readonly readInput: () => Promise<Uint8Array>;
}

/** The pictures behind the paths of a command line, and what is wrong with the other paths, a sentence for each. */
export interface FoundPictures {
  readonly pictures: readonly NamedPicture[];
  readonly problems: readonly string[];
}

/**
 * Finds pictures: files as named, and those inside a folder by extension, sorted by path. Files are not read yet. A path
 * that does not exist, is no file (a pipe, a device), no picture by its name, or a folder without pictures is a problem;
 * inside a folder such entries are passed over. Links count as what they lead to, but not as folders inside folders.
 */
export async function findPictures(paths: readonly string[], options: FindOptions): Promise<FoundPictures> {
  const found = await Promise.all(paths.map((path) => findAt(path, options)));
  return {
    pictures: found.flatMap(({ pictures }) => pictures),
    problems: found.flatMap(({ problems }) => problems),
  };
}

async function findAt(path: string, options: FindOptions): Promise<FoundPictures> {
  if (path === STANDARD_INPUT) {
    return { pictures: [{ name: STANDARD_INPUT_NAME, bytes: await options.readInput() }], problems: [] };
  }
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) return problem(`${path}: no such file or folder`);
  const output = options.outputFolder === undefined ? undefined : await realPathOf(options.outputFolder);
  const place = await realPathOf(stats.isDirectory() ? path : dirname(path));
  if (place === output) return problem(`${path}: lies in the folder that is to be written to; choose another one`);
  if (stats.isDirectory()) {
    const names = await pictureNamesIn(path, { recursive: options.recursive, place, output });
    if (names.length === 0) return problem(`${path}: no pictures in this folder (${PICTURE_EXTENSIONS.join(' ')})`);
    return { pictures: names.map(toPicture), problems: [] };
  }
  if (!stats.isFile()) return problem(`${path}: neither a file nor a folder`);
  if (isPictureName(path)) return { pictures: [toPicture(path)], problems: [] };
  return problem(`${path}: no picture by its name (${PICTURE_EXTENSIONS.join(' ')})`);
}

async function pictureNamesIn(
  folder: string,
  { recursive, place, output }: { recursive: boolean; place: string; output: string | undefined },
): Promise<string[]> {
  const entries = await readdir(place, { withFileTypes: true, recursive });
  const candidates = entries
    .filter((entry) => isPictureName(entry.name))
    .filter((entry) => output === undefined || !`${entry.parentPath}${sep}`.startsWith(`${output}${sep}`));
  const areFiles = await Promise.all(candidates.map(isFile));
  return candidates
    .filter((_, index) => areFiles[index])
    .map((entry) => join(folder, relative(place, join(entry.parentPath, entry.name))))
    .sort();
}

/** Reading anything else, a pipe for instance, might never end. */
async function isFile(entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isFile();
  const target = await stat(join(entry.parentPath, entry.name)).catch(() => undefined);
  return target?.isFile() === true;
}

function toPicture(path: string): NamedPicture {
  return { name: path, bytes: () => readFile(path) };
}

function isPictureName(path: string): boolean {
  return PICTURE_EXTENSIONS.includes(extname(path).toLowerCase());
}

function problem(text: string): FoundPictures {
  return { pictures: [], problems: [text] };
}

/** The path without links; the path itself where nothing is there yet. */
async function realPathOf(path: string): Promise<string> {
  return await realpath(path).catch(() => resolve(path));
}
