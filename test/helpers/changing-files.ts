import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Files of a test that change while it runs. */
export interface ChangingFiles {
  pathOf(name: string): string;
  /** Puts a file in place as a whole, so that nobody reads a part of it. */
  write(name: string, content: string | Uint8Array): string;
  remove(name: string): void;
  /** Removes the folder. */
  clear(): void;
}

/** Makes a folder for them under the system's own for such things. */
export function changingFiles(): ChangingFiles {
  const folder = mkdtempSync(path.join(tmpdir(), 'changing-'));
  const pathOf = (name: string) => path.join(folder, name);
  return {
    pathOf,
    write: (name, content) => {
      writeFileSync(pathOf(`.${name}`), content);
      renameSync(pathOf(`.${name}`), pathOf(name));
      return pathOf(name);
    },
    remove: (name) => rmSync(pathOf(name)),
    clear: () => rmSync(folder, { recursive: true }),
  };
}
