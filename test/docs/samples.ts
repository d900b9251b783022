import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { compilePrograms } from '../helpers/compile-programs.js';

/** A program in a page of the documentation. */
export interface Sample {
  /** The heading that it stands under. */
  readonly title: string;
  readonly code: string;
  /** What it says that it prints, in its comments that begin with an arrow, line by line. */
  readonly prints: readonly string[];
}

/** Programs compiled to JavaScript. */
export interface CompiledSamples {
  /** To be removed when they were run. */
  readonly folder: string;
  /** What the compiler found wrong; '' for nothing. */
  readonly problems: string;
  /** Each program's file, in their order. */
  readonly programs: readonly string[];
}

/** Every block of TypeScript in a page. */
export async function samplesOf(page: string): Promise<readonly Sample[]> {
  const sections = (await readFile(page, 'utf8')).split(/^#+ /m);
  return sections.flatMap((section) => {
    const [title = ''] = section.split('\n', 1);
    return [...section.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => {
      return { title, code, prints: [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, line = '']) => line) };
    });
  });
}

/**
 * Compiles programs as a consumer of the package would, strictly. They stand inside of the project, so that they find
 * the package by its name and what else they need in its node_modules.
 */
export async function compileSamples(codes: readonly string[]): Promise<CompiledSamples> {
  await mkdir('.cache', { recursive: true });
  const folder = path.resolve(await mkdtemp('.cache/samples-'));
  const names = codes.map((_, index) => `sample-${index}`);
  await Promise.all(codes.map((code, index) => writeFile(path.join(folder, `${names[index]}.ts`), code)));
  const problems = await compilePrograms(
    folder,
    names.map((name) => `${name}.ts`),
  );
  return { folder, problems, programs: names.map((name) => path.join(folder, `${name}.js`)) };
}
