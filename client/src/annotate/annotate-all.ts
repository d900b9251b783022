import { rm, writeFile } from 'node:fs/promises';
import { readPicture } from '../picture.js';
import type { PictureResult } from '../score-many.js';
import { annotate } from './annotate.js';
import { createOutputNamer } from './output-files.js';

/** What was written, and a sentence for each picture that was not. */
export interface Annotated {
  readonly written: ReadonlyMap<PictureResult, string>;
  readonly problems: readonly string[];
}

/**
 * Draws each result on its picture and writes it to `folder`, which is there. One picture after the other, so that only
 * one is decoded at a time; what goes wrong with one is a problem and does not hold up the others.
 */
export async function annotateAll(results: readonly PictureResult[], folder: string): Promise<Annotated> {
  const written = new Map<PictureResult, string>();
  const problems: string[] = [];
  const toOutputFile = createOutputNamer(folder);
  for (const result of results) {
    const { path, format } = toOutputFile(result.picture.name);
    try {
      const drawn = await annotate(await readPicture(result.picture), result, format);
      await writeAnew(path, drawn);
      written.set(result, path);
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      problems.push(`${result.picture.name}: cannot be annotated: ${reason}`);
    }
  }
  return { written, problems };
}

/** Writes a new file: a link that lies there under that name is replaced, never written through. */
async function writeAnew(path: string, bytes: Uint8Array): Promise<void> {
  await rm(path, { force: true });
  await writeFile(path, bytes, { flag: 'wx' });
}
