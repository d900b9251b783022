import { basename, dirname, extname, join, parse, resolve } from 'node:path';
import { toFileName } from '../printable.js';
import type { AnnotatedFormat } from './annotate.js';

/** Where one annotated picture goes. */
export interface OutputFile {
  readonly path: string;
  readonly format: AnnotatedFormat;
}

const FORMATS: Readonly<Record<string, AnnotatedFormat>> = { '.jpg': 'jpeg', '.jpeg': 'jpeg', '.png': 'png' };

/**
 * Returns a function that chooses a file in `folder` for each picture it is given: JPEG and PNG keep their names, others
 * become `name.webp.png`. Pictures of the same name are told apart by their folder (`b-face.jpg`), then by a number,
 * whatever the case of the letters. Control characters become `_`.
 */
export function createOutputNamer(folder: string): (pictureName: string) => OutputFile {
  const taken = new Set<string>();
  return (pictureName) => {
    const format = FORMATS[extname(pictureName).toLowerCase()];
    const name = toFileName(basename(pictureName));
    const file = format === undefined ? `${name}.png` : name;
    const free = firstFree(file, toFileName(basename(dirname(resolve(pictureName)))), taken);
    taken.add(free.toLowerCase());
    return { path: join(folder, free), format: format ?? 'png' };
  };
}

function firstFree(file: string, parent: string, taken: ReadonlySet<string>): string {
  const { name, ext } = parse(file);
  const isTaken = (candidate: string) => taken.has(candidate.toLowerCase());
  if (!isTaken(file)) return file;
  let candidate = `${parent}-${file}`;
  for (let number = 2; isTaken(candidate); number++) candidate = `${parent}-${name}-${number}${ext}`;
  return candidate;
}
