import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A file that a page shows whole. */
interface ShownFile {
  /** Its path in the project. */
  readonly path: string;
  readonly code: string;
}

/** What docs/add-a-transformer.md adds to the project. */
export interface Addition {
  readonly files: readonly ShownFile[];
  readonly registry: { readonly imports: readonly string[]; readonly entries: readonly string[] };
}

/** Every block of TypeScript under a bold path, and the lines that the registry gets. */
export function additionOf(page: string): Addition {
  const blocks = Array.from(
    page.matchAll(/^\*\*`(src\/[^`]+)`\*\*\n\n```(ts|diff)\n(.*?)^```$/gms),
    ([, file = '', language, code = '']) => ({ path: file, language, code }),
  );
  const diffs = blocks.filter(({ path: file, language }) => language === 'diff' && file.endsWith('/registry.ts'));
  const added = diffs.flatMap(({ code }) => Array.from(code.matchAll(/^\+(.*)$/gm), ([, line = '']) => line));
  return {
    files: blocks.filter(({ language }) => language === 'ts'),
    registry: {
      imports: added.filter((line) => line.startsWith('import ')),
      entries: added.filter((line) => !line.startsWith('import ')),
    },
  };
}

/**
 * Builds the project with an addition, beside the project's own build: only what is new and the registry are compiled, as
 * strictly as the project is, against the declarations of all the rest.
 * @returns the folder to be removed later, the program in it, and what the compiler found wrong; '' for nothing
 */
export async function buildWith({ files, registry }: Addition): Promise<{
  readonly folder: string;
  readonly program: string;
  readonly problems: string;
}> {
  await mkdir('.cache', { recursive: true });
  const folder = path.resolve(await mkdtemp('.cache/example-'));
  const program = path.join(folder, 'dist');
  // The compiler prefers a .ts to the .d.ts of the same name, so that it takes the changed registry and keeps the rest.
  const place = (file: string) => path.join(program, path.relative('src', file));
  await cp('dist', program, { recursive: true, filter: (file) => !/\.(map|tsbuildinfo)$/.test(file) });
  for (const shared of ['protos', 'package.json']) await symlink(path.resolve(shared), path.join(folder, shared));
  const listPath = 'src/transformers/registry.ts';
  const list = { path: listPath, code: withLines(await readFile(listPath, 'utf8'), registry) };
  for (const { path: file, code } of [...files, list]) {
    await mkdir(path.dirname(place(file)), { recursive: true });
    await writeFile(place(file), code);
  }
  const config = {
    extends: path.resolve('tsconfig.base.json'),
    // Declarations are not looked at again: nobody imports these.
    compilerOptions: { rootDir: 'dist', outDir: 'dist', composite: false, incremental: false, declaration: false },
    files: [...files, list].map(({ path: file }) => path.relative(folder, place(file))),
  };
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(config));
  const compiler = path.resolve('node_modules/typescript/bin/tsc');
  const problems = await new Promise<string>((resolve) =>
    execFile(process.execPath, [compiler], { cwd: folder }, (error, stdout) => resolve(error === null ? '' : stdout)),
  );
  return { folder, program, problems };
}

/** The registry with further imports at its top and further entries at the head of its list. */
function withLines(code: string, { imports, entries }: Addition['registry']): string {
  const listStart = /^const TRANSFORMERS: .* = \{$/m;
  if (!listStart.test(code)) throw new Error('the registry has no list of transformers');
  return `${imports.join('\n')}\n${code.replace(listStart, (line) => [line, ...entries].join('\n'))}`;
}
