import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The path of one of the tests' certificates or keys. */
export function tlsFile(name: string): string {
  return fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
}

/** What it holds. */
export function tlsPem(name: string): Buffer {
  return readFileSync(tlsFile(name));
}
