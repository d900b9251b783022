import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

const COMPILER_OPTIONS = { module: 'nodenext', target: 'es2022', strict: true, rootDir: '.', types: ['node'] };

/**
 * Compiles a consumer's programs in their folder, strictly, the declarations of the packages that they use included.
 * @param files their names in the folder: `program.ts`
 * @returns what the compiler found wrong; '' for nothing
 */
export async function compilePrograms(folder: string, files: readonly string[]): Promise<string> {
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files }));
  const compiler = path.resolve('node_modules/typescript/bin/tsc');
  return new Promise((resolve) =>
    execFile(process.execPath, [compiler], { cwd: folder }, (error, stdout) => resolve(error === null ? '' : stdout)),
  );
}
