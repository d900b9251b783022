import { execFile } from 'node:child_process';
import path from 'node:path';
import type { TritonRuntime } from '../../scripts/triton/server.mjs';

/** All samples of the datatypes, as base64 in JSON, are some megabytes. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/**
 * Runs a Python script beside the tests, with the packages of scripts/triton/requirements.txt.
 * @param script its name in test/integration
 * @param input what it reads as JSON from its standard input
 * @returns what it writes as JSON to its standard output
 */
export function runPython(script: string, input: unknown): Promise<unknown> {
  const { programs } = JSON.parse(process.env['TRITON_RUNTIME'] ?? '') as TritonRuntime;
  return new Promise((resolve, reject) => {
    const child = execFile(
      path.join(programs, 'python'),
      [path.join('test', 'integration', script)],
      { maxBuffer: MAX_OUTPUT_BYTES },
      (error, stdout, stderr) => {
        if (error === null) resolve(JSON.parse(stdout));
        else reject(new Error(`${script} failed:\n${stderr}`));
      },
    );
    child.stdin?.end(JSON.stringify(input));
  });
}
